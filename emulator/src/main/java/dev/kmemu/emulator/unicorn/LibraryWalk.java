package dev.kmemu.emulator.unicorn;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.mmu.AccessKind;
import java.util.Map;
import java.util.Optional;

/**
 * The library's own answer to where an address leads, {@code uc_vmem_translate}: to compare walks
 * with. Unicorn has it from 2.1.2 on. It is a use of the CPU's TLB, walk and A and D bits, not a
 * look at the tables, and belongs to the thread that owns the CPU, between runs.
 */
public final class LibraryWalk implements AutoCloseable {

  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int PROT_EXEC = 4;

  private final Function function;
  private final UnicornEngine engine;
  private final Memory result = new Memory(Long.BYTES);

  private LibraryWalk(Function function, UnicornEngine engine) {
    this.function = function;
    this.engine = engine;
  }

  /** Returns the walk of a CPU that {@code unicorn} made; empty where the library has none. */
  public static Optional<LibraryWalk> of(Unicorn unicorn, CpuEngine cpu) {
    try {
      return Optional.of(
          new LibraryWalk(
              NativeLibrary.getInstance(unicorn.path(), Map.of()).getFunction("uc_vmem_translate"),
              (UnicornEngine) cpu));
    } catch (UnsatisfiedLinkError e) {
      return Optional.empty();
    }
  }

  /** Returns the physical address for an access at the current privilege level; -1 for none. */
  public long translate(long va, AccessKind access) {
    int protection =
        switch (access) {
          case READ -> PROT_READ;
          case WRITE -> PROT_WRITE;
          case FETCH -> PROT_EXEC;
        };
    Object[] arguments = {engine.handle(), va, protection, Pointer.nativeValue(result)};
    return function.invokeInt(arguments) == UnicornLibrary.UC_ERR_OK ? result.getLong(0) : -1;
  }

  @Override
  public void close() {
    result.close();
  }
}
