"""The rule language: FEEL (DMN 1.5) with the model's own words, checked against it, run as Python and as SQL.

Usable on its own, with no other part of the product: start at :mod:`fachwerk.rules.language`. One room each: ``lexer``,
``names`` and ``parser`` read a rule into the ``tree``; ``check`` gives every node its type over a ``scope`` and finds
mistakes (``codes``); ``words`` tells a rule as a sentence; ``values`` and ``functions`` are what rules calculate with;
``to_python`` and ``to_sql`` make it run; ``tables`` are decision tables and ``dmn`` reads DMN files.
"""
