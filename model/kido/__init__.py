"""kido (希土): plans rare-earth procurement from a workbook, with Pyomo and HiGHS."""
