"""gdb commands for kmemu's stub. Load with: source docs/gdb/kmemu.py

kmemu-walk EXPR    the page tables for an address, and what the kernel VM has there
kmemu-vmmap [EXPR] the kernel map; with an address, only the entry that holds it
kmemu-page EXPR    the vm_page behind an address, or behind a physical one with /p
$kmemu_gpa(EXPR)   the physical address behind an address, -1 when there is none
$kmemu_phys(EXPR)  the 64-bit word at a physical address
"""

import re

import gdb

MASK = (1 << 64) - 1


def ask(line):
    """Returns what a monitor command prints."""
    return gdb.execute("monitor " + line, to_string=True)


def address(expression):
    """Returns the value of an expression as an unsigned 64-bit number."""
    if not expression.strip():
        raise gdb.GdbError("an address is missing, such as $rsp or 0xffffffff80000000")
    value = gdb.parse_and_eval(expression)
    return int(value.cast(gdb.lookup_type("unsigned long"))) & MASK


class Walk(gdb.Command):
    """kmemu-walk EXPR: every level of the page tables for an address."""

    def __init__(self):
        super().__init__("kmemu-walk", gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument, from_tty):
        print(ask("walk %x" % address(argument)), end="")


class Vmmap(gdb.Command):
    """kmemu-vmmap [EXPR]: the kernel map, or the entry of it that holds an address."""

    ROW = re.compile(r"^\s+0x([0-9a-f]{16}) 0x([0-9a-f]{16}) ")

    def __init__(self):
        super().__init__("kmemu-vmmap", gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument, from_tty):
        text = ask("vmmap")
        if not argument.strip():
            print(text, end="")
            return
        wanted = address(argument)
        for line in text.splitlines():
            row = self.ROW.match(line)
            if row and int(row.group(1), 16) <= wanted < int(row.group(2), 16):
                print(line)
                return
        print("no entry of the kernel map holds 0x%x" % wanted)


class Page(gdb.Command):
    """kmemu-page [/p] EXPR: the vm_page behind an address; /p takes a physical address."""

    def __init__(self):
        super().__init__("kmemu-page", gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument, from_tty):
        physical = argument.startswith("/p")
        where = address(argument[2:] if physical else argument)
        print(ask("page %s%x" % ("pa:" if physical else "", where)), end="")


class Gpa(gdb.Function):
    """$kmemu_gpa(EXPR): the physical address behind an address, -1 when there is none."""

    def __init__(self):
        super().__init__("kmemu_gpa")

    def invoke(self, value):
        answer = ask("gva2gpa %x" % (int(value) & MASK))
        found = re.search(r"gpa: (?:0x)?([0-9a-f]+)", answer)
        return int(found.group(1), 16) if found else -1


class Phys(gdb.Function):
    """$kmemu_phys(EXPR): the 64-bit word at a physical address."""

    def __init__(self):
        super().__init__("kmemu_phys")

    def invoke(self, value):
        answer = ask("xp/1gx %x" % (int(value) & MASK))
        found = re.search(r": 0x([0-9a-f]+)", answer)
        if not found:
            raise gdb.GdbError(answer.strip())
        return gdb.Value(int(found.group(1), 16)).cast(gdb.lookup_type("unsigned long"))


for command in (Walk, Vmmap, Page, Gpa, Phys):
    command()
