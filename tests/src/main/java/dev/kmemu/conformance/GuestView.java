package dev.kmemu.conformance;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.testkit.GuestEnd;
import dev.kmemu.testkit.UserMachine;
import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.pmap.Pmap;
import java.util.HexFormat;
import java.util.function.LongFunction;

/**
 * The real CPU in one ring and one address space, as the checks use it: single accesses, and two
 * accesses with a change by the host between them, which no load of CR3 parts. Outcomes are the
 * loaded word in hexadecimal, {@link #DONE}, {@link #FAULT}, or what else became of the program.
 */
public final class GuestView {

  /** A page fault that nobody answered. */
  public static final String FAULT = "page fault";

  /** A store that went through. */
  public static final String DONE = "done";

  /** {@code mov $N,%ebx; jmp *%rdi}: N is in bits 8 to 39. */
  static final long CODE_WORD = 0x00E7_FF00_0000_00BBL;

  private static final long USER_CODE = 0x40_0000;
  private static final int PAGE_FAULT = 14;

  private static final int LOAD = 0;
  private static final int STORE = 7;
  private static final int LOAD_TWICE = 14;
  private static final int STORE_TWICE = 26;
  private static final int FETCH_TWICE = 38;
  private static final int BETWEEN_FETCHES = 40;
  private static final int END = 47;

  /** RSI is the address, RDX the word; {@code out} to 0x80 lets the host act, to 0xF4 ends. */
  private static final byte[] PROGRAM =
      HexFormat.of()
          .parseHex(
              "488b06e6f4ebfe" // mov (%rsi),%rax; out; jmp .
                  + "488916e6f4ebfe" // mov %rdx,(%rsi)
                  + "488b06e680488b1ee6f4ebfe" // mov (%rsi),%rax; host; mov (%rsi),%rbx
                  + "488916e680488916e6f4ebfe" // mov %rdx,(%rsi); host; mov %rdx,(%rsi)
                  + "ffe6" // jmp *%rsi, whose code jumps to *%rdi
                  + "e6804889cfffe6" // host; mov %rcx,%rdi; jmp *%rsi
                  + "e6f4ebfe");

  private final UserMachine machine;
  private final long code;
  private final LongFunction<GuestEnd> run;

  private GuestView(UserMachine machine, long code, LongFunction<GuestEnd> run) {
    this.machine = machine;
    this.code = code;
    this.run = run;
  }

  static GuestView ring0(UserMachine machine, Pmap pmap) {
    return new GuestView(
        machine, machine.loadKernelProgram(PROGRAM), rip -> machine.runKernel(pmap, rip));
  }

  static GuestView ring3(UserMachine machine, UserSpace space) {
    if (!isLoaded(space.map())) {
      machine.loadProgram(space, USER_CODE, PROGRAM);
    }
    return new GuestView(machine, USER_CODE, rip -> machine.runUser(space, rip));
  }

  /** Whether the program was loaded here, or into the space that this is a child of. */
  private static boolean isLoaded(VmMap map) {
    for (VmMapEntry entry = map.first(); entry != map.header(); entry = entry.next()) {
      if (entry.start() == USER_CODE) {
        return true;
      }
    }
    return false;
  }

  /** Loads a word. */
  public String load(long va) {
    return outcome(run(LOAD, va), hex(machine.get(Register.RAX)));
  }

  /** Stores a word. */
  public String store(long va, long word) {
    machine.set(Register.RDX, word);
    return outcome(run(STORE, va), DONE);
  }

  /** Runs the code of a page, and returns its word as a load does. */
  public String fetch(long va) {
    return fetchAgainAfter(va, () -> {});
  }

  /** Loads a word, lets the host change something, and returns what a second load comes to. */
  public String loadAgainAfter(long va, Runnable change) {
    return again(LOAD_TWICE, va, change, () -> hex(machine.get(Register.RBX)));
  }

  /** As {@link #loadAgainAfter}, for stores of a word that was there already. */
  public String storeAgainAfter(long va, long word, Runnable change) {
    machine.set(Register.RDX, word);
    return again(STORE_TWICE, va, change, () -> DONE);
  }

  /** As {@link #loadAgainAfter}, for the code of a page. */
  public String fetchAgainAfter(long va, Runnable change) {
    machine.set(Register.RDI, code + BETWEEN_FETCHES);
    machine.set(Register.RCX, code + END);
    return again(
        FETCH_TWICE, va, change, () -> hex(CODE_WORD | machine.get(Register.RBX) << Byte.SIZE));
  }

  private String again(
      int part, long va, Runnable change, java.util.function.Supplier<String> result) {
    boolean[] reached = {false};
    machine.onHostPort(
        () -> {
          reached[0] = true;
          change.run();
        });
    GuestEnd end = run(part, va);
    machine.onHostPort(() -> {});
    if (!reached[0]) {
      return "the first access: " + outcome(end, "the program didn't come back");
    }
    return outcome(end, result.get());
  }

  private GuestEnd run(int part, long va) {
    machine.set(Register.RSI, va);
    return run.apply(code + part);
  }

  private static String outcome(GuestEnd end, String result) {
    return end.crash() == null ? result : end.crash().vector() == PAGE_FAULT ? FAULT : end.reason();
  }

  static String hex(long word) {
    return "0x" + Long.toHexString(word);
  }
}
