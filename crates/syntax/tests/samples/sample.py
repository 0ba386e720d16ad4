#!/usr/bin/env python3
# A sample: every construct that a boundary could hide in.
"""Module text.

def not_a_function(): "it is text"
"""
from __future__ import annotations

import asyncio, os
from typing import (
    Any,
Optional,
)

TEMPLATE = '''
def generated(argument):
    return "closed by \''' and # not by this"
class Generated: pass
'''
RAW = r"\d+\"" rb'\''
NAME = f"{os.name!r:>{10}} {{literal}} {f'{TEMPLATE[:3]}'}" f'''
{asyncio.run(  # a comment in a field
    main({"key": [1, 2, 3]})
)}
def still_text(): {"x" + '}'}
'''
continued = "one \
def two" + \
    "three"

if os.name == "nt":
    def conditional():
        pass
else:
    conditional = None

# Directly above a decorator.
@decorate(
    "with",
arguments={"a": 1},
)
# Between decorator and definition.

@other
async def decorated(a, /, b: int = 1, *args, c=lambda x: {x: (x,)}, **kw) -> dict[str, Any]:
    """Text of the function."""
# A comment at the first column of a body.
    async with a as b, \
            c as d:
        print(f"{a!r}", f"{b:%H:%M}", '#', "it's")

        yield {"é": "🦀", 'b': """x"""}
    return


class Empty: ...
class Base(Generic[T], metaclass=Meta):

    attribute: int = 1

    def method(self):
        '''Text.'''
        if self:
            return [
                1,
            ]
        # The end of the body.

    @property
    def value(self): return self._value  # directly behind

	# A tab and a comment.
def after_class(): pass
x = 1; y = 2
def one_line(): return {
}

match x:
    case 1: pass

if __name__ == "__main__":
    main()
