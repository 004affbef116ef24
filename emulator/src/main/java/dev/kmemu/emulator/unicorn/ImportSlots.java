package dev.kmemu.emulator.unicorn;

import com.sun.jna.Function;
import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The slots of a loaded library's global offset table through which it calls one of its own
 * exported functions. Found in the library's image by its dynamic section (System V ABI, AMD64
 * supplement, 4.4 and 5.2), whether the linker has bound them yet or not.
 */
final class ImportSlots {

  private static final int PAGE = 4096;
  private static final int E_PHOFF = 32;
  private static final int E_PHENTSIZE = 54;
  private static final int E_PHNUM = 56;
  private static final int PT_DYNAMIC = 2;
  private static final int PT_GNU_RELRO = 0x6474E552;
  private static final int P_VADDR = 16;
  private static final int P_MEMSZ = 40;
  private static final int DT_NULL = 0;
  private static final int DT_PLTRELSZ = 2;
  private static final int DT_SYMTAB = 6;
  private static final int DT_RELA = 7;
  private static final int DT_RELASZ = 8;
  private static final int DT_JMPREL = 23;
  private static final int RELA_BYTES = 24;
  private static final int SYMBOL_BYTES = 24;
  private static final int ST_VALUE = 8;
  private static final int R_X86_64_64 = 1;
  private static final int R_X86_64_GLOB_DAT = 6;
  private static final int R_X86_64_JUMP_SLOT = 7;

  private final long base;
  private final long function;
  private final boolean inTables;
  private final long[] dynamic = new long[DT_JMPREL + 1];
  private long readOnlyFrom;
  private long readOnlyEnd;

  private ImportSlots(long base, long function, boolean inTables) {
    this.base = base;
    this.function = function;
    this.inTables = inTables;
    Pointer image = new Pointer(base);
    int size = image.getShort(E_PHENTSIZE);
    for (int i = 0; i < image.getShort(E_PHNUM); i++) {
      Pointer header = image.share(image.getLong(E_PHOFF) + (long) i * size);
      long address = base + header.getLong(P_VADDR);
      switch (header.getInt(0)) {
        case PT_DYNAMIC -> readDynamic(new Pointer(address));
        case PT_GNU_RELRO -> {
          readOnlyFrom = address & -PAGE;
          readOnlyEnd = (address + header.getLong(P_MEMSZ)) & -PAGE;
        }
        default -> {}
      }
    }
  }

  /**
   * Makes the calls of the library that go through slots arrive at {@code replacement}.
   *
   * @param function an exported function of the library
   * @return whether there are any
   * @throws UnicornException when the host doesn't let the table be written
   */
  static boolean redirect(long function, long replacement) {
    return redirect(function, replacement, false);
  }

  /**
   * The same for a helper of translated code, of which the library keeps tables too. Only engines
   * that are opened afterwards work, because they look helpers up by address.
   *
   * @throws UnicornException when the host doesn't let the tables be written
   */
  static boolean redirectHelper(long function, long replacement) {
    return redirect(function, replacement, true);
  }

  private static boolean redirect(long function, long replacement, boolean inTables) {
    long base = imageOf(function);
    if (base == 0) {
      return false;
    }
    ImportSlots slots = new ImportSlots(base, function, inTables);
    List<Long> found = new ArrayList<>();
    slots.find(DT_JMPREL, DT_PLTRELSZ, found);
    slots.find(DT_RELA, DT_RELASZ, found);
    for (long slot : found) {
      slots.write(slot, replacement);
    }
    return !found.isEmpty();
  }

  private static long imageOf(long address) {
    try (Memory info = new Memory(4L * Long.BYTES)) {
      Function dladdr = NativeLibrary.getProcess().getFunction("dladdr");
      int known = dladdr.invokeInt(new Object[] {new Pointer(address), info});
      return known == 0 ? 0 : info.getLong(Long.BYTES);
    } catch (UnsatisfiedLinkError e) {
      return 0;
    }
  }

  private void readDynamic(Pointer section) {
    for (long at = 0; section.getLong(at) != DT_NULL; at += 2L * Long.BYTES) {
      long tag = section.getLong(at);
      if (tag > 0 && tag < dynamic.length) {
        dynamic[(int) tag] = section.getLong(at + Long.BYTES);
      }
    }
  }

  private void find(int table, int bytes, List<Long> found) {
    if (dynamic[table] == 0 || dynamic[DT_SYMTAB] == 0) {
      return;
    }
    ByteBuffer entries =
        new Pointer(loaded(table)).getByteBuffer(0, dynamic[bytes]).order(ByteOrder.LITTLE_ENDIAN);
    Pointer symbols = new Pointer(loaded(DT_SYMTAB));
    for (int at = 0; at + RELA_BYTES <= entries.capacity(); at += RELA_BYTES) {
      long info = entries.getLong(at + Long.BYTES);
      if (names(info)
          && base + symbols.getLong((info >>> 32) * SYMBOL_BYTES + ST_VALUE) == function) {
        found.add(base + entries.getLong(at));
      }
    }
  }

  private boolean names(long info) {
    return switch ((int) info) {
      case R_X86_64_JUMP_SLOT, R_X86_64_GLOB_DAT -> true;
      case R_X86_64_64 -> inTables;
      default -> false;
    };
  }

  /** The dynamic linker of glibc turns these into addresses, that of musl leaves offsets. */
  private long loaded(int tag) {
    long value = dynamic[tag];
    return Long.compareUnsigned(value, base) < 0 ? base + value : value;
  }

  private void write(long slot, long value) {
    long page = slot & -PAGE;
    boolean readOnly = page >= readOnlyFrom && page < readOnlyEnd;
    try {
      if (readOnly) {
        Libc.mprotect(page, PAGE, Libc.PROT_READ_WRITE);
      }
      new Pointer(slot).setLong(0, value);
      if (readOnly) {
        Libc.mprotect(page, PAGE, Libc.PROT_READ);
      }
    } catch (LastErrorException e) {
      throw new UnicornException("the host doesn't let the library's imports be changed", e);
    }
  }
}
