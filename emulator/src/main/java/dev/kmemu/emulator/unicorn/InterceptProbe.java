package dev.kmemu.emulator.unicorn;

import static dev.kmemu.emulator.unicorn.UnicornLibrary.check;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.lang.ref.Reference;
import java.util.HexFormat;

/**
 * Proves on a throw-away CPU that each intercept that kmemu stands on arrives, with RIP at the
 * instruction, and that a CPU can be made to come out.
 */
final class InterceptProbe implements AutoCloseable {

  private static final int RAM_SIZE = 0x2000;
  private static final int CODE = 0x1000;
  private static final int NOTHING = -1;
  private static final int CODE_BYTES = 0x10;

  private final PhysicalMemory ram;
  private final long engine;
  private final ContextLayout layout;
  private final ControlBlock controlBlock;
  private final UnicornContext context;
  private final UnicornRegisters registers;
  private final LiveState live;
  private final CpuExits exits;
  private int vector = NOTHING;
  private long rip;

  private InterceptProbe(ContextLayout layout, LiveState.Place place, CpuStructure structure) {
    this.layout = layout;
    AnonymousMapping mapping = new AnonymousMapping(RAM_SIZE);
    ram = new PhysicalMemory(mapping);
    engine = UnicornEngine.open();
    check(
        "uc_mem_map_ptr",
        UnicornLibrary.uc_mem_map_ptr(
            engine, 0, RAM_SIZE, UnicornLibrary.UC_PROT_ALL, mapping.hostAddress()));
    controlBlock = new ControlBlock(engine);
    context = new UnicornContext(engine);
    registers = new UnicornRegisters(engine, false);
    check("uc_context_save", UnicornLibrary.uc_context_save(engine, context.address()));
    byte[] fresh = new byte[context.size()];
    context.buffer().get(0, fresh);
    live = LiveState.open(place, engine, layout, fresh);
    exits = new CpuExits(live.cpu(), structure);
  }

  /** Runs the probe; throws {@link UnicornException} when something isn't as expected. */
  static void run(ContextLayout layout, LiveState.Place place, CpuStructure structure) {
    try (InterceptProbe probe = new InterceptProbe(layout, place, structure)) {
      probe.probe();
    }
  }

  private void probe() {
    UnicornLibrary.InterruptHook hook =
        (uc, number, user) -> {
          vector = number;
          rip = live.view().getLong(layout.rip());
          live.view().putInt(layout.oldException(), NOTHING);
          exits.wantOnly(0);
          UnicornLibrary.uc_emu_stop(uc);
        };
    try (Memory out = new Memory(Long.BYTES)) {
      check(
          "uc_hook_add",
          UnicornLibrary.uc_hook_add(
              engine, Pointer.nativeValue(out), UnicornLibrary.UC_HOOK_INTR, hook, 0, 1, 0, 0));
      live.view().putLong(layout.controlBlock(), controlBlock.address());
      live.view().putLong(layout.intercepts(), Intercept.always() | Intercept.model());
      live.view().putShort(layout.controlReadIntercepts(), Intercept.controlReads());
      live.view().putShort(layout.controlWriteIntercepts(), Intercept.controlWrites());
      live.view().putShort(layout.debugWriteIntercepts(), Intercept.debugRegisters());
      int flags = live.view().getInt(layout.hflags());
      live.view().putInt(layout.hflags(), flags | Intercept.GUEST_FLAG);
      expect("HLT", "90f4", Intercept.HLT, 1);
      expect("RDMSR", "900f32", Intercept.MSR, 1);
      expect("CPUID", "900fa2", Intercept.CPUID, 1);
      expect("RDTSC", "900f31", Intercept.RDTSC, 1);
      expect("MOV to CR4", "900f22e0", Intercept.WRITE_CR4, 1);
      expect("MOV to DR7", "900f23f8", Intercept.WRITE_DR7, 1);
      expect("MOV from CR8", "90440f20c0", Intercept.READ_CR8, 1);
      expect("INT 0x80", "90cd80", Intercept.SOFTWARE_INTERRUPT, 1);
      expect("INT3", "90cc", Intercept.SOFTWARE_INTERRUPT, 1);
      expectComingOut();
      expectWindow();
    } finally {
      // The library holds no reference that the collector sees.
      Reference.reachabilityFence(hook);
    }
  }

  private void expectComingOut() {
    exits.want();
    expect("a CPU that is to come out", "ebfe", Intercept.COME_OUT, 0);
  }

  /** The window opens behind the instruction that follows STI. */
  private void expectWindow() {
    exits.wantOnly(Intercept.WINDOW_REQUEST);
    expect("an interrupt window", "fafb9090ebfe", Intercept.INTERRUPT_WINDOW, 3);
  }

  private void expect(String what, String code, int expected, int offset) {
    byte[] bytes = HexFormat.of().parseHex(code);
    ram.write(new PhysicalAddress(CODE), bytes, 0, bytes.length);
    UnicornLibrary.uc_ctl(engine, UnicornLibrary.UC_CTL_TB_REMOVE_CACHE, CODE, CODE + CODE_BYTES);
    registers.write(Register.RSP, CODE);
    vector = NOTHING;
    rip = 0;
    check("uc_emu_start", UnicornLibrary.uc_emu_start(engine, CODE, 0, 0, 0));
    if (vector != expected || rip != CODE + offset) {
      throw new UnicornException(
          String.format(
              "%s gives vector 0x%x at %d, expected 0x%x at %d",
              what, vector, rip - CODE, expected, offset));
    }
  }

  @Override
  public void close() {
    registers.close();
    context.close();
    UnicornLibrary.uc_close(engine);
    controlBlock.close();
    ram.close();
  }
}
