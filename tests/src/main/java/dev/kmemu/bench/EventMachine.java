package dev.kmemu.bench;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.unicorn.Unicorn;

/** A guest that raises exceptions and makes system calls, and serves them itself. */
final class EventMachine implements AutoCloseable {

  private static final int HANDLER = 0x1000;
  private static final int SYSTEM_CALL = 0x1100;
  private static final int USER = 0x40;
  private static final int INVALID_OPCODE = 6;
  private static final long STAR = 0x0013_0008_0000_0000L;

  /** loop: ud2; dec rdi; jnz loop; ret. */
  private static final String EXCEPTIONS = "0f0b 48ffcf 75f9 c3";

  /** add qword ptr [rsp], 2; iretq. */
  private static final String SKIP = "4883042402 48cf";

  /** lea rcx, [USER]; mov r11d, 2; sysretq. */
  private static final String TO_USER = "488d0d39000000 41bb02000000 480f07";

  /** loop: syscall; dec rdi; jnz loop; inc eax; syscall. */
  private static final String USER_LOOP = "0f05 48ffcf 75f9 ffc0 0f05";

  /** test eax, eax; jnz end; sysretq; end: hlt. */
  private static final String SYSTEM_CALL_ENTRY = "85c0 7503 480f07 f4";

  private static final int SYSTEM_CALL_END = SYSTEM_CALL + 8;

  private final Machine machine;
  private final GuestLayout layout;
  private final EventTables tables;
  private final QuietCpu cpu;

  EventMachine(Unicorn unicorn) {
    machine = new Machine(unicorn, new RamSize(GuestLayout.RAM_BYTES));
    layout = new GuestLayout(machine.ram());
    layout.place(new byte[0]);
    layout.openToUsers(GuestLayout.CODE);
    tables = new EventTables(machine.ram());
    tables.place(HANDLER, SKIP);
    tables.place(SYSTEM_CALL, SYSTEM_CALL_ENTRY);
    tables.place(USER, USER_LOOP);
    tables.gate(INVALID_OPCODE, HANDLER);
    machine.onCpu(
        engine -> {
          GuestLayout.enterLongMode(engine.registers());
          EventTables.load(engine.registers());
          engine.registers().write(Register.STAR, STAR);
          engine.registers().write(Register.LSTAR, GuestLayout.CODE + SYSTEM_CALL);
          return engine;
        });
    cpu = new QuietCpu(machine, new VirtualAddress(GuestLayout.HLT));
  }

  /** Raises {@code n} exceptions, each answered by {@code iretq}. */
  long exceptions(int n) {
    code(EXCEPTIONS);
    return cpu.call(engine -> timed(engine, n, GuestLayout.HLT + 1));
  }

  /** Makes {@code n} system calls from ring 3, each answered by {@code sysretq}. */
  long systemCalls(int n) {
    code(TO_USER);
    return cpu.call(engine -> timed(engine, n, GuestLayout.CODE + SYSTEM_CALL_END));
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
      throw new BenchmarkException(String.format("the guest ended at RIP 0x%x: %s", rip, exit));
    }
    EventTables.enterKernel(engine.registers());
    return nanos;
  }

  private void code(String hex) {
    tables.place(0, hex);
    machine.onCpu(
        engine -> {
          engine.invalidateCode(new VirtualAddress(GuestLayout.CODE), VirtualAddress.PAGE_SIZE);
          return engine;
        });
  }
}
