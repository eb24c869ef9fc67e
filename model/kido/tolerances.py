"""All numeric tolerances, the unit in the name; the certificate has its own.

`_T` is tonnes, `_T_YR` tonnes a year, `_KUSD` thousands of USD, `_SHARE` a share of the number
in the comment.
"""

import sys

# -- of books

SAME_SHARE = 1e-9  # of a number: two as near are the same
LAST_DIGITS_SHARE = 1e-9  # of a number: what formulas lose in the last digits
LEAST_AMOUNT_T = 1e-5  # ten times what a plan may miss in a month and still keep its rows
NONE_LEFT_PROBABILITY = 0.001  # a scenario that keeps less, in all its copies, keeps none

# -- of the program and its proof

DROPPED_COEFFICIENT = 1e-9  # up to which the solver leaves out what it is given
KEPT_COEFFICIENT = 1e-12  # that is kept where there are such
ROUNDING_SHARE = 16 * sys.float_info.epsilon  # of prices added up: not to be told from 0
VIOLATED_T = 1e-6  # a branch that breaks less in all has a plan, but for the solver's tolerance
EMPTY_ROW_T = 1e-9  # what a row without a term may ask for
IMPLIED_SHARE = 1e-9  # of a side that rows imply: widened by so much, past rounding
SAME_COEFFICIENT_SHARE = 1e-9  # of numbers that have gone through the same arithmetic
GAP_KUSD = 1e-6  # how far an answer may lie from what is proved ...
GAP_SHARE = 1e-8  # ... and this share of its cost
BROKEN_T = 1e-6  # (MUSD in rows of money) how far a row or a limit may be broken ...
BROKEN_SHARE = 1e-9  # ... and this share of what passes through it
SCALED_BROKEN_FACTOR = 1e4  # times that: a violation that scaling may hide from the solver
CHEAPER_SHARE = 1e-3  # of the cost: a cheaper plan costs less than the plan and this share
HELD_SHARE = 1e-9  # of an objective that is bounded: how far it may be passed ...
HELD_KUSD = 5e-7  # ... and this amount
PRICE_USD_KG = 1e-7  # what may lean on a side that is not there and that nothing implies
PRICED_USD_KG = 1e-7  # a price above this holds what it is the price of: what HiGHS takes for none
FREE_USD_KG = 1e-11  # a dual below which no side is leaned on
ASKED_T = 1e-7  # a side that asks for less asks for nothing
RARE_PROBABILITY = 1e-3  # what is rarer counts as much
WHOLE_SHARE = 1e-6  # of a size or lot: an amount as near is whole
STEADY_SWINGS = 1e-6  # in all: a plan with less is steady
LOST_T = 1e-6  # of need: less is not lost

SMALLEST_TRIED_T_YR = 1e-3  # the least number that is tried for a cell, as a power of its size

# -- of plans and their pages

ORDERED_T = 1e-6  # below which nothing is ordered
ASKED_SHARE = 0.005  # of the need of a segment: a change of less is not told to it
NEAR_SHARE = 1e-3  # of the cost: a plan that costs no more is nearly as good
SHOWN_T = 1e-6  # below which a line is left out
CELL_T = 5e-7  # shown as nothing
LEFT_OVER_T = 1e-5  # a number that is less is left over from the solver
COVER_MONTHS = 0.05  # shown with one decimal
UNMET_SHARE = 0.001  # of the need of a segment: losing more counts as unmet ...
UNMET_T = 1e-6  # ... where it is also more than this
SHOWN_PRICE_USD_KG = 0.005  # a price that is less is left out
SAME_PRICE_SHARE = 0.01  # sites whose prices differ by less share a line
NO_WEIGHT = 1e-9  # of money in a moment: less is none
STEP_SHARE = 1e-5  # of a number: how much higher it is made, for the quotient
EFFECT_KUSD = 1e-3  # of a number 10 % higher: less is left out
SAVING_SHARE = 1e-4  # of what a branch saves: what a rule has in it of less is left out
DRAWN_SHARE = 0.002  # of all money: a category of less is not drawn
TICK_SHARE = 1e-9  # of the step of an axis, or of its values: rounding

# -- of sweeps

PLAN_T = 1e-6  # of a whole plan: less is nothing
USED_SHARE = 1e-6  # of the most a row does along the curve: less is nothing
SAME_LOSS_SHARE = 1e-3  # of what is lost: on a page a change of less is none
MOVED_T = 1e-3  # what is less does not count as a move
NOISE_SHARE = 1e-9  # of the cost: what is less is rounding
MOVED_SHARE = 1e-6  # of the volumes in a row: what is less is no move
SAME_VALUE_SHARE = 1e-9  # of a value: closer ones are the same
EXACT_SHARE = 1e-9  # smaller errors are those of the machine
NEGLIGIBLE_SHARE = 1e-4  # of what is chosen, or of the whole: what is less counts as nothing
TRUSTED_SHARE = 1e-6  # of the cost and of the amount a plan found is held against
STILL_SHARE = 1e-9  # what moves less does not move
MET_SHARE = 5e-9  # of the cost: some times the rounding of an optimal cost; less is equal
SAME_PLACE_SHARE = 1e-12  # of the range
CROSSED_SHARE = 1e-7  # of the cost: bounds that cross by more refute what they rest on
SAME_WEIGHT = 1e-9  # weights of histories as near are the same
FLAT_SHARE = 1e-12  # of the size of the values: a spread below it is none
