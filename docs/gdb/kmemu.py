"""gdb commands for kmemu's stub. Load with: source docs/gdb/kmemu.py

kmemu-walk EXPR    the page tables for an address, and what the kernel VM has there
kmemu-vmmap [EXPR] the kernel map; with an address, only the entry that holds it
kmemu-page EXPR    the vm_page behind an address, or behind a physical one with /p
kmemu-symbols FILE [OFFSET]
                   the symbols of a System.map or of /proc/kallsyms
$kmemu_gpa(EXPR)   the physical address behind an address, -1 when there is none
$kmemu_phys(EXPR)  the 64-bit word at a physical address
"""

import os
import re
import struct
import tempfile

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


class Symbols(gdb.Command):
    """kmemu-symbols FILE [OFFSET]: load symbols from lines of "ADDRESS TYPE NAME".

System.map and /proc/kallsyms have such lines. OFFSET is added to each address: for a
kernel that has moved itself, what it moved by. /proc/kallsyms of the same boot, or of one
with nokaslr, needs none."""

    LINE = re.compile(r"^([0-9a-fA-F]{8,16}) ([a-zA-Z]) (\S+)")

    def __init__(self):
        super().__init__("kmemu-symbols", gdb.COMMAND_FILES, gdb.COMPLETE_FILENAME)

    def invoke(self, argument, from_tty):
        words = gdb.string_to_argv(argument)
        if not 1 <= len(words) <= 2:
            raise gdb.GdbError("kmemu-symbols takes a file, and an offset if you like")
        offset = address(words[1]) if len(words) == 2 else 0
        symbols = self.read(os.path.expanduser(words[0]), offset)
        with tempfile.NamedTemporaryFile(suffix=".elf", delete=False) as elf:
            elf.write(symbol_file(symbols))
        try:
            gdb.execute("add-symbol-file %s" % elf.name, to_string=True)
        finally:
            os.unlink(elf.name)
        print("%d symbols, %#x to %#x" % (len(symbols), symbols[0][0], symbols[-1][0]))

    def read(self, name, offset):
        try:
            with open(name, encoding="ascii", errors="replace") as file:
                found = [self.LINE.match(line) for line in file]
        except OSError as e:
            raise gdb.GdbError("%s can't be read: %s" % (name, e.strerror))
        # Addresses of 0 are what /proc/kallsyms shows to those who may not know them; absolute
        # symbols, such as offsets of per-CPU data, are no addresses.
        symbols = [
            ((int(row.group(1), 16) + offset) & MASK, row.group(2), row.group(3))
            for row in found
            if row and int(row.group(1), 16) and row.group(2) not in "aA"
        ]
        if not symbols:
            raise gdb.GdbError(
                "%s has no lines such as 'ffffffff81000000 T _text' with an address" % name
            )
        return sorted(symbols)


def symbol_file(symbols):
    """Returns an ELF file that has these symbols, one section over all of them, and no code."""
    start = symbols[0][0]
    length = symbols[-1][0] - start + 16
    names = bytearray(b"\0")
    table = bytearray(24)
    for where, kind, name in symbols:
        what = 2 if kind in "tTwW" else 1  # STT_FUNC, STT_OBJECT
        table += struct.pack("<IBBHQQ", len(names), (1 << 4) | what, 0, 1, where, 0)
        names += name.encode("ascii", "replace") + b"\0"
    sections = b"\0.text\0.symtab\0.strtab\0"
    at = 64
    offsets = []
    for part in (table, names, sections):
        offsets.append(at)
        at += len(part)
    headers = struct.pack("<IIQQQQIIQQ", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    # SHT_NOBITS with SHF_ALLOC and SHF_EXECINSTR; SHT_SYMTAB; SHT_STRTAB, twice.
    headers += struct.pack("<IIQQQQIIQQ", 1, 8, 6, start, at, length, 0, 0, 16, 0)
    headers += struct.pack("<IIQQQQIIQQ", 7, 2, 0, 0, offsets[0], len(table), 3, 1, 8, 24)
    headers += struct.pack("<IIQQQQIIQQ", 15, 3, 0, 0, offsets[1], len(names), 0, 0, 1, 0)
    headers += struct.pack("<IIQQQQIIQQ", 15, 3, 0, 0, offsets[2], len(sections), 0, 0, 1, 0)
    # ET_EXEC, EM_X86_64; five section headers, the last one names them.
    header = b"\x7fELF\x02\x01\x01" + bytes(9)
    header += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 0, at, 0, 64, 0, 0, 64, 5, 4)
    return header + table + names + sections + headers


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


for command in (Walk, Vmmap, Page, Symbols, Gpa, Phys):
    command()
