"""Number words: how numbers are said in Russian and in English; pure data."""

from __future__ import annotations

IN_WORDS = {
    1: "один одного one",
    2: "два две двое двух two",
    3: "три трое трех three",
    4: "четыре четверо четырех four",
    5: "пять пяти пятеро five",
    6: "шесть шести six",
    7: "семь семи seven",
    8: "восемь восьми eight",
    9: "девять девяти nine",
    10: "десять десяти ten",
    11: "одиннадцать одиннадцати eleven",
    12: "двенадцать двенадцати twelve",
    13: "тринадцать тринадцати thirteen",
    14: "четырнадцать четырнадцати fourteen",
    15: "пятнадцать пятнадцати fifteen",
    16: "шестнадцать шестнадцати sixteen",
    17: "семнадцать семнадцати seventeen",
    18: "восемнадцать восемнадцати eighteen",
    19: "девятнадцать девятнадцати nineteen",
    20: "двадцать двадцати twenty",
    30: "тридцать тридцати thirty",
    40: "сорок сорока forty",
    50: "пятьдесят пятидесяти fifty",
    60: "шестьдесят шестидесяти sixty",
    70: "семьдесят семидесяти seventy",
    80: "восемьдесят восьмидесяти eighty",
    90: "девяносто ninety",
    100: "сто ста hundred",
    1000: "тысяча тысячи thousand",
}
"""The words for each number, its dictionary form first."""
NUMBERS = {word: value for value, words in IN_WORDS.items() for word in words.split()}
