package dev.kmemu.emulator.fuzz;

import dev.kmemu.emulator.cpu.CodeMeter;
import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.InterruptSource;
import dev.kmemu.emulator.cpu.InterruptibleFrame;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.device.PortDevice;
import dev.kmemu.emulator.device.PortSpace;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.model.CpuModel;
import dev.kmemu.emulator.model.StandardProcessor;
import dev.kmemu.emulator.model.UnknownMsr;
import dev.kmemu.emulator.trap.TrapRouter;
import dev.kmemu.emulator.unicorn.AnonymousMapping;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One CPU that runs random code again and again. All of it follows from the seed. */
final class FuzzMachine implements AutoCloseable, InterruptSource {

  private static final List<RandomMode> MODES = List.of(RandomMode.values());
  private static final int SMALLEST = 2 << 20;
  private static final long MOST_BYTES = 50_000;
  private static final int MOST_TRAPS = 3000;
  private static final int PLAIN_CR4 = 0x620;
  private static final int RESULT = 0x1234_5678;

  private final SplittableRandom random;
  private final PhysicalMemory ram;
  private final TrapRouter router;
  private final CodeMeter meter;
  final CpuEngine cpu;
  private boolean nmi;
  private boolean interrupt;
  private long limit;
  private int traps;

  FuzzMachine(long seed) {
    random = new SplittableRandom(seed);
    ram = new PhysicalMemory(new AnonymousMapping((long) SMALLEST << random.nextInt(4)));
    cpu = UnicornLoader.load().createCpu(ram);
    router = new TrapRouter(ram);
    PortSpace ports = new PortSpace();
    ports.attach(
        0xF4,
        1,
        new PortDevice() {
          @Override
          public boolean write(int port, int size, int value) {
            return false;
          }
        });
    ports.attach(
        0x80,
        8,
        new PortDevice() {
          @Override
          public boolean write(int port, int size, int value) {
            interrupt = true;
            nmi = value % 4 == 0;
            cpu.interruptsChanged();
            return true;
          }
        });
    cpu.setPortBus(ports);
    cpu.setTrapHandler(this::onTrap);
    UnknownMsr unknown =
        random.nextBoolean() ? UnknownMsr.IS_IGNORED : UnknownMsr.RAISES_GENERAL_PROTECTION;
    cpu.setProcessor(
        new StandardProcessor(() -> random.nextInt(), CpuModel.MAX, unknown, access -> {}));
    cpu.setInterruptSource(this);
    meter = cpu.meter();
  }

  /** Runs random code in a random mode. */
  CpuExit run() {
    RandomMode mode = MODES.get(random.nextInt(MODES.size()));
    FuzzMemory.fill(ram, mode, random);
    CpuExit exit = start(mode, false);
    while (exit == CpuExit.Halted.INSTANCE && random.nextInt(4) != 0) {
      interrupt = true;
      exit = cpu.continueRun();
    }
    return exit;
  }

  /** Runs a program that must work on every machine; says what is wrong when it doesn't. */
  @Nullable String complaint() {
    FuzzMemory.fill(ram, RandomMode.LONG_RING_0, random);
    byte[] code = {(byte) 0xB8, 0x78, 0x56, 0x34, 0x12, (byte) 0xEB, 0x00, (byte) 0xF4};
    ram.write(new PhysicalAddress(FuzzMemory.CODE), code, 0, code.length);
    CpuExit exit = start(RandomMode.LONG_RING_0, true);
    while (exit == CpuExit.Stopped.INSTANCE) {
      exit = cpu.continueRun(); // The watchdog wanted to stop the run before this one.
    }
    long result = cpu.registers().read(Register.RAX);
    return result == RESULT && exit == CpuExit.Halted.INSTANCE
        ? null
        : exit.getClass().getSimpleName()
            + String.format(
                " RAX 0x%x RIP 0x%x CR0 0x%x CR4 0x%x ",
                result,
                cpu.registers().read(Register.RIP),
                cpu.registers().read(Register.CR0),
                cpu.registers().read(Register.CR4))
            + router.takeCrash();
  }

  private CpuExit start(RandomMode mode, boolean plain) {
    cpu.reset();
    router.takeCrash();
    mode.prepare(cpu.registers(), random);
    if (plain) {
      cpu.registers().write(Register.CR4, PLAIN_CR4);
    }
    mode.enter(cpu.state(), random);
    if (plain) {
      cpu.state().setRflags(2);
    }
    // The host has overwritten it.
    cpu.invalidateCode(new VirtualAddress(0), FuzzMemory.SIZE);
    interrupt = false;
    nmi = false;
    traps = 0;
    limit = meter.executedBytes() + MOST_BYTES;
    meter.setAlarm(limit);
    return cpu.run();
  }

  private TrapAction onTrap(InterruptibleFrame frame) {
    if (++traps >= MOST_TRAPS) {
      cpu.requestStop();
    }
    return router.onTrap(frame);
  }

  @Override
  public boolean isPending() {
    if (meter.executedBytes() >= limit) {
      cpu.requestStop();
      meter.setAlarm(Long.MAX_VALUE);
      limit = Long.MAX_VALUE;
    }
    return interrupt;
  }

  @Override
  public int acknowledge() {
    interrupt = false;
    return random.nextInt(256);
  }

  @Override
  public boolean isNmiPending() {
    return nmi;
  }

  @Override
  public void acknowledgeNmi() {
    nmi = false;
  }

  @Override
  public void close() {
    cpu.close();
    ram.close();
  }
}
