package dev.kmemu.emulator.unicorn;

import com.sun.jna.Callback;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The functions of {@code unicorn.h} that kmemu calls, bound directly: pointers are {@code long}s,
 * because a crossing with {@code Pointer} objects costs several times as much.
 *
 * <p>{@code uc_ctl} and {@code uc_hook_add} are variadic in C. On x86_64 System V they take fixed
 * arguments alike, which is why {@link UnicornLoader} admits no other host.
 */
final class UnicornLibrary {

  static final int UC_ARCH_X86 = 4;
  static final int UC_MODE_64 = 1 << 3;
  static final int UC_PROT_ALL = 7;

  static final int UC_ERR_OK = 0;
  static final int UC_ERR_FETCH_PROT = 14;

  static final int UC_HOOK_INTR = 1;
  static final int UC_HOOK_INSN = 1 << 1;
  static final int UC_HOOK_CODE = 1 << 2;
  static final int UC_HOOK_MEM_READ = 1 << 10;
  static final int UC_HOOK_MEM_WRITE = 1 << 11;
  static final int UC_HOOK_INSN_INVALID = 1 << 14;

  static final int UC_X86_INS_IN = 218;
  static final int UC_X86_INS_OUT = 500;

  static final int UC_X86_INS_SYSCALL = 699;
  static final int UC_X86_INS_SYSENTER = 700;

  static final int UC_CPU_X86_COOPERLAKE = 24;

  static final int UC_CTL_USE_EXITS = 0x44000004;
  static final int UC_CTL_EXITS = 0x48000006;
  static final int UC_CTL_CPU_MODEL = 0x44000007;
  static final int UC_CTL_TB_REMOVE_CACHE = 0x48000009;
  static final int UC_CTL_TB_FLUSH = 0x4000000a;
  static final int UC_CTL_TLB_FLUSH = 0x4000000b;

  /** {@code uc_cb_hookintr_t}. */
  interface InterruptHook extends Callback {
    void invoke(long engine, int vector, long user);
  }

  /** {@code uc_cb_hookinsn_invalid_t}. */
  interface InvalidInstructionHook extends Callback {
    byte invoke(long engine, long user);
  }

  /** {@code uc_cb_insn_in_t}. */
  interface InHook extends Callback {
    int invoke(long engine, int port, int size, long user);
  }

  /** {@code uc_cb_insn_out_t}. */
  interface OutHook extends Callback {
    void invoke(long engine, int port, int size, int value, long user);
  }

  /** {@code uc_cb_insn_syscall_t}, for SYSCALL and SYSENTER. */
  interface SyscallHook extends Callback {
    void invoke(long engine, long user);
  }

  /** {@code uc_cb_mmio_read_t}. */
  interface MmioRead extends Callback {
    long invoke(long engine, long offset, int size, long user);
  }

  /** {@code uc_cb_mmio_write_t}. */
  interface MmioWrite extends Callback {
    void invoke(long engine, long offset, int size, long value, long user);
  }

  static native int uc_version(long major, long minor);

  static native int uc_open(int arch, int mode, long engineOut);

  static native int uc_close(long engine);

  static native String uc_strerror(int code);

  static native int uc_ctl(long engine, int control, long first, long second);

  static native int uc_reg_read(long engine, int register, long value);

  static native int uc_reg_write(long engine, int register, long value);

  static native int uc_reg_read_batch(long engine, long registers, long values, int count);

  static native int uc_mem_map_ptr(long engine, long address, long size, int perms, long host);

  static native int uc_mmio_map(
      long engine,
      long address,
      long size,
      MmioRead read,
      long userRead,
      MmioWrite write,
      long userWrite);

  static native int uc_emu_start(long engine, long begin, long until, long timeout, long count);

  static native int uc_emu_stop(long engine);

  static native int uc_hook_add(
      long engine,
      long hookOut,
      int type,
      Callback callback,
      long user,
      long begin,
      long end,
      int instruction);

  static native int uc_hook_add(
      long engine,
      long hookOut,
      int type,
      long callback,
      long user,
      long begin,
      long end,
      int instruction);

  static native int uc_hook_del(long engine, long hook);

  static native int uc_context_alloc(long engine, long contextOut);

  static native int uc_context_free(long context);

  static native long uc_context_size(long engine);

  static native int uc_context_save(long engine, long context);

  static native int uc_context_restore(long engine, long context);

  private static @Nullable NativeLibrary library;

  private UnicornLibrary() {}

  /**
   * Binds the functions to the library at {@code path}, or to the system's when it is a bare name.
   */
  static void bind(String path) {
    NativeLibrary opened = NativeLibrary.getInstance(path, Map.of());
    Native.register(UnicornLibrary.class, opened);
    library = opened;
  }

  /** Returns the address of an exported function that no header declares. */
  static long function(String name) {
    NativeLibrary opened = library;
    if (opened == null) {
      throw new UnicornException("the library isn't loaded");
    }
    try {
      return Pointer.nativeValue(opened.getFunction(name));
    } catch (UnsatisfiedLinkError e) {
      throw new UnicornException("it doesn't export " + name, e);
    }
  }

  /**
   * Makes the engine ignore the end address of {@code uc_emu_start}: every address is guest code,
   * and at each start the engine would look the end address up in the guest's page tables, which
   * leaves a page fault behind.
   */
  static void forgetExits(long engine) {
    check("uc_ctl_exits_enable", uc_ctl(engine, UC_CTL_USE_EXITS, 1, 0));
  }

  /** Throws when {@code error} isn't {@code UC_ERR_OK}. */
  static void check(String call, int error) {
    if (error != UC_ERR_OK) {
      throw new UnicornException(call + " failed: " + uc_strerror(error) + " (" + error + ")");
    }
  }
}
