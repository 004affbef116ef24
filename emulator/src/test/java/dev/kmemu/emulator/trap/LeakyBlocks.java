package dev.kmemu.emulator.trap;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import java.util.function.ToLongFunction;

/**
 * Runs 600 copies of each instruction whose translation keeps temporaries, and prints what came
 * out. To be run in a JVM of its own.
 */
final class LeakyBlocks {

  private static final int COPIES = 600;
  private static final String TWO_ONES = "d9e8 d9e8"; // fld1; fld1
  private static final String POP_AND_STORE = "ddd8 db1a"; // fstp st0; fistp dword [rdx]

  private LeakyBlocks() {}

  /** Runs. */
  public static void main(String[] args) {
    real("AAM", "d40a", LeakyBlocks::ax);
    real("AAD", "d50a", LeakyBlocks::ax);
    real("PUSHF", "9c", guest -> RealKernel.SP - guest.get(Register.RSP));
    protectedMode("AAM", "d40a");
    protectedMode("AAD", "d50a");
    longMode("PUSHFQ", "", "9c", "", guest -> GuestKernel.STACK - guest.get(Register.RSP));
    longMode("MOV FS", "b810000000", "8ee0", "", guest -> guest.get(Register.FS)); // mov eax, 16
    longMode("SGDT", "", "0f0102", "", LeakyBlocks::data); // sgdt [rdx]
    longMode("FADD ST1", TWO_ONES, "dcc1", POP_AND_STORE, LeakyBlocks::data);
  }

  private static void real(String name, String copied, ToLongFunction<GuestCpu> result) {
    String code = copied.repeat(COPIES) + "f4";
    try (RealKernel guest = new RealKernel(code)) {
      run(name + ", 16 bits", guest, code, result);
    }
  }

  private static void protectedMode(String name, String copied) {
    String code = copied.repeat(COPIES) + "f4";
    try (ProtectedKernel guest = new ProtectedKernel()) {
      guest.code(ProtectedKernel.CODE, code);
      run(name + ", 32 bits", guest, code, LeakyBlocks::ax);
    }
  }

  private static void longMode(
      String name, String before, String copied, String after, ToLongFunction<GuestCpu> result) {
    String code = (before + copied.repeat(COPIES) + after + "f4").replace(" ", "");
    try (GuestKernel guest = new GuestKernel()) {
      guest.code(GuestKernel.CODE, code);
      run(name + ", 64 bits", guest, code, result);
    }
  }

  private static void run(
      String name, GuestCpu guest, String code, ToLongFunction<GuestCpu> result) {
    System.out.println(name);
    long end = guest.get(Register.RIP) + code.length() / 2;
    guest.set(Register.RAX, 0x1239);
    guest.set(Register.RDX, GuestKernel.DATA);
    CpuExit exit = guest.cpu.run();
    if (exit instanceof CpuExit.Halted && guest.get(Register.RIP) == end) {
      System.out.println(name + ": " + result.applyAsLong(guest));
    }
  }

  private static long ax(GuestCpu guest) {
    return guest.get(Register.RAX) & 0xFFFF;
  }

  private static long data(GuestCpu guest) {
    return guest.load32(GuestKernel.DATA);
  }
}
