package dev.kmemu.bench;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.InterruptSource;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.unicorn.Unicorn;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicBoolean;

/** A guest with its own GDT, IDT and system-call entry, which it uses all the time. */
final class EventMachine implements AutoCloseable {

  private static final long CODE_PA = 0x20_0000;
  private static final int HANDLER = 0x1000;
  private static final int SYSTEM_CALL = 0x1100;
  private static final int INTERRUPT = 0x1200;
  private static final int GDT = 0x4000;
  private static final int IDT = 0x5000;
  private static final int INVALID_OPCODE = 6;
  private static final int INTERRUPT_VECTOR = 0x40;
  private static final int KERNEL_CS = 0x08;
  private static final int KERNEL_SS = 0x10;
  private static final long STAR = 0x0013_0008_0000_0000L;
  private static final long PML4 = 0x10_0000;
  private static final long FRAME = 0xF_FFFF_FFFF_F000L;
  private static final long USER = 4;
  private static final long RFLAGS_IF = 0x202;

  /** loop: ud2; dec rdi; jnz loop; ret. */
  private static final String EXCEPTIONS = "0f0b 48ffcf 75f9 c3";

  /** add qword ptr [rsp], 2; iretq. */
  private static final String SKIP = "4883042402 48cf";

  /** wrmsr done by the host; mov rcx, user; mov r11d, 0x202; sysretq. */
  private static final String TO_USER = "488d0d20000000 41bb02020000 480f07";

  /** loop: syscall; dec rdi; jnz loop; xor eax, eax; inc eax; syscall. */
  private static final String USER_LOOP = "0f05 48ffcf 75f9 31c0 ffc0 0f05";

  /** test eax, eax; jnz +3; sysretq; hlt, behind which the host looks. */
  private static final String SYSTEM_CALL_ENTRY = "85c0 7503 480f07 f4";

  private final Machine machine;
  private final QuietCpu cpu;
  private final Line line = new Line();

  EventMachine(Unicorn unicorn) {
    machine = new Machine(unicorn, new RamSize(GuestLayout.RAM_BYTES));
    GuestLayout layout = new GuestLayout(machine.ram());
    layout.place(new byte[0]);
    place(HANDLER, SKIP);
    place(SYSTEM_CALL, SYSTEM_CALL_ENTRY);
    place(INTERRUPT, "48cf");
    store(GDT + KERNEL_CS, 0x0020_9B00_0000_0000L);
    store(GDT + KERNEL_SS, 0x0000_9300_0000_0000L);
    store(GDT + 0x18, 0x0000_F300_0000_0000L);
    store(GDT + 0x20, 0x0020_FB00_0000_0000L);
    gate(INVALID_OPCODE, HANDLER);
    gate(INTERRUPT_VECTOR, INTERRUPT);
    openToUsers(GuestLayout.CODE);
    machine.setInterruptController(line);
    machine.onCpu(
        engine -> {
          RegisterFile registers = engine.registers();
          GuestLayout.enterLongMode(registers);
          registers.write(Register.GDTR_BASE, GuestLayout.CODE + GDT);
          registers.write(Register.GDTR_LIMIT, 0x27);
          registers.write(Register.IDTR_BASE, GuestLayout.CODE + IDT);
          registers.write(Register.IDTR_LIMIT, 0xFFF);
          registers.write(Register.CS, KERNEL_CS);
          registers.write(Register.SS, KERNEL_SS);
          registers.write(Register.STAR, STAR);
          registers.write(Register.LSTAR, GuestLayout.CODE + SYSTEM_CALL);
          return engine;
        });
    cpu = new QuietCpu(machine, new VirtualAddress(GuestLayout.HLT));
    this.layout = layout;
  }

  private final GuestLayout layout;

  /** Raises {@code n} exceptions, each answered by {@code iretq}. */
  long exceptions(int n) {
    code(EXCEPTIONS);
    return cpu.call(engine -> timed(engine, n, GuestLayout.HLT + 1));
  }

  /** Makes {@code n} system calls from ring 3, each answered by {@code sysretq}. */
  long systemCalls(int n) {
    byte[] user = bytes(USER_LOOP);
    byte[] entry = Arrays.copyOf(bytes(TO_USER), 0x27 + user.length);
    System.arraycopy(user, 0, entry, 0x27, user.length);
    placeBytes(0, entry);
    dropCode();
    return cpu.call(engine -> timed(engine, n, GuestLayout.CODE + SYSTEM_CALL + 8));
  }

  /** Raises {@code n} interrupts under a guest that spins, and returns the nanoseconds of each. */
  long[] interruptLatencies(int n) {
    code("ebfe");
    machine.onCpu(
        engine -> {
          layout.prepare(engine.registers(), 0, 0);
          engine.registers().write(Register.RFLAGS, RFLAGS_IF);
          return engine;
        });
    machine.debugTarget().attach(reason -> {});
    machine.resume();
    long[] latencies = new long[n];
    for (int i = 0; i < n; i++) {
      latencies[i] = line.raise(machine);
    }
    machine.pause();
    Arrays.sort(latencies);
    return latencies;
  }

  @Override
  public void close() {
    machine.close();
  }

  private long timed(CpuEngine engine, int n, long end) {
    layout.prepare(engine.registers(), n, 0);
    engine.registers().write(Register.RAX, 0);
    long start = CpuTime.nanos();
    CpuExit exit = engine.run();
    long nanos = CpuTime.nanos() - start;
    long rip = engine.registers().read(Register.RIP);
    if (exit != CpuExit.Halted.INSTANCE || rip != end) {
      throw new BenchmarkException(
          String.format("the guest ended at RIP 0x%x: %s", rip, exit.getClass().getSimpleName()));
    }
    engine.registers().write(Register.CS, KERNEL_CS);
    engine.registers().write(Register.SS, KERNEL_SS);
    return nanos;
  }

  private void code(String hex) {
    place(0, hex);
    dropCode();
  }

  private void dropCode() {
    machine.onCpu(
        engine -> {
          engine.invalidateCode(new VirtualAddress(GuestLayout.CODE), VirtualAddress.PAGE_SIZE);
          return engine;
        });
  }

  private void place(int offset, String hex) {
    placeBytes(offset, bytes(hex));
  }

  private void placeBytes(int offset, byte[] code) {
    machine.ram().write(new PhysicalAddress(CODE_PA + offset), code, 0, code.length);
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private void store(int offset, long value) {
    machine.ram().store64(new PhysicalAddress(CODE_PA + offset), value);
  }

  private void gate(int vector, int handler) {
    long address = GuestLayout.CODE + handler;
    store(
        IDT + vector * 16,
        (address & 0xFFFF) | KERNEL_CS << 16 | 0x8EL << 40 | (address >>> 16 & 0xFFFF) << 48);
    store(IDT + vector * 16 + 8, address >>> 32);
  }

  /** Sets U/S on the whole way to a page, which the layout keeps to the supervisor. */
  private void openToUsers(long va) {
    long table = PML4;
    for (int shift = 39; shift >= VirtualAddress.PAGE_SHIFT; shift -= 9) {
      PhysicalAddress slot = new PhysicalAddress(table + ((va >>> shift) & 511) * Long.BYTES);
      long entry = machine.ram().load64(slot) | USER;
      machine.ram().store64(slot, entry);
      table = entry & FRAME;
    }
  }

  /** One line, raised from outside and timed until the CPU takes it. */
  private static final class Line implements InterruptSource {

    private final AtomicBoolean raised = new AtomicBoolean();
    private volatile long takenAt;

    long raise(Machine machine) {
      takenAt = 0;
      long start = System.nanoTime();
      raised.set(true);
      machine.interruptsChanged();
      while (takenAt == 0) {
        Thread.onSpinWait();
      }
      return takenAt - start;
    }

    @Override
    public boolean isPending() {
      return raised.get();
    }

    @Override
    public int acknowledge() {
      raised.set(false);
      takenAt = System.nanoTime();
      return INTERRUPT_VECTOR;
    }

    @Override
    public boolean isNmiPending() {
      return false;
    }

    @Override
    public void acknowledgeNmi() {}
  }
}
