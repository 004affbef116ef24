package dev.kmemu.emulator.unicorn;

import static dev.kmemu.emulator.unicorn.UnicornLibrary.check;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.memory.HostMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.lang.ref.Reference;
import java.util.HexFormat;
import java.util.OptionalInt;

/**
 * A trial run on a throw-away CPU: plants values, causes two page faults whose error codes differ,
 * and looks where they turn up in the context. It also proves that writing -1 over the old
 * exception makes the second fault arrive as a page fault, on which everything else stands.
 */
final class ContextProbe {

  private static final int RAM_SIZE = 0x40000;
  private static final long PML4 = 0x1000;
  private static final int CODE = 0x10000;
  private static final int READ_ONLY_PAGE = 0x11000;
  private static final int ABSENT_PAGE = 0x20000;
  private static final int TASK_PRIORITY = 0xA;
  private static final int NOTHING = -1;
  private static final long EFER = 0xD01;

  private static final int WRITE_ABSENT = 0;
  private static final int WRITE_READ_ONLY = 0x10;
  private static final int MOVE_TO_CR8 = 0x20;
  private static final int CPUID_1 = 0x30;
  private static final int STOP_IN_BLOCK = 0x40;

  private final PhysicalMemory ram;
  private final HostMapping mapping;
  private final Memory out = new Memory(32);
  private long engine;
  private final OptionalInt blockSwitch;
  private int vector = NOTHING;

  private ContextProbe(OptionalInt blockSwitch) {
    this.blockSwitch = blockSwitch;
    mapping = new AnonymousMapping(RAM_SIZE);
    ram = new PhysicalMemory(mapping);
  }

  /** Probes the bound library; throws {@link UnicornException} when something isn't as expected. */
  static ProbeResult run(NativeLibrary library) {
    ContextProbe probe = new ContextProbe(MidBlockExits.locate(library));
    try {
      return probe.probe(CpuStructure.find(library));
    } finally {
      probe.close();
    }
  }

  private ProbeResult probe(CpuStructure structure) {
    engine = UnicornEngine.open();
    check(
        "uc_mem_map_ptr",
        UnicornLibrary.uc_mem_map_ptr(
            engine, 0, RAM_SIZE, UnicornLibrary.UC_PROT_ALL, mapping.hostAddress()));
    MidBlockExits.suppress(engine, blockSwitch);
    buildPageTables();
    loadCode();
    UnicornRegisters registers = new UnicornRegisters(engine, false);
    registers.write(Register.EFER, EFER);
    registers.write(Register.CR4, 0x620);
    registers.write(Register.CR3, PML4);
    registers.write(Register.CR0, 0x8005_0033L);
    UnicornLibrary.InterruptHook hook =
        (uc, number, user) -> {
          vector = number;
          UnicornLibrary.uc_emu_stop(uc);
        };
    check(
        "uc_hook_add",
        UnicornLibrary.uc_hook_add(
            engine, nativeOut(), UnicornLibrary.UC_HOOK_INTR, hook, 0, 1, 0, 0));
    try (UnicornContext context = new UnicornContext(engine)) {
      // Also needed because a CPU that has never run doesn't hold "no exception" yet.
      start(CPUID_1);
      boolean avx = (registers.read(Register.RCX) & (1L << 28)) != 0;
      ContextLayout layout = findLayout(registers, context);
      plantMarkers(registers);
      LiveState.Place live = LiveState.find(engine, layout, structure, save(context));
      boolean exact = blockSwitch.isPresent() && endsBlocksOnly(registers);
      InterceptProbe.run(layout, live, structure);
      return new ProbeResult(
          layout, live, structure, exact ? blockSwitch : OptionalInt.empty(), avx);
    } finally {
      // The library holds no reference that the collector sees.
      Reference.reachabilityFence(hook);
    }
  }

  /** Stops inside a block, before a memory access, and looks whether the rest is executed too. */
  private boolean endsBlocksOnly(UnicornRegisters registers) {
    UnicornLibrary.OutHook stop = (uc, port, size, value, user) -> UnicornLibrary.uc_emu_stop(uc);
    check(
        "uc_hook_add",
        UnicornLibrary.uc_hook_add(
            engine,
            nativeOut(),
            UnicornLibrary.UC_HOOK_INSN,
            stop,
            0,
            1,
            0,
            UnicornLibrary.UC_X86_INS_OUT));
    registers.write(Register.RBX, 0);
    try {
      start(STOP_IN_BLOCK);
    } finally {
      Reference.reachabilityFence(stop);
    }
    return registers.read(Register.RBX) == 1;
  }

  private ContextLayout findLayout(UnicornRegisters registers, UnicornContext context) {
    plantMarkers(registers);
    byte[] before = save(context);

    start(WRITE_ABSENT);
    expectPageFault("first page fault");
    byte[] first = save(context);
    ContextSearch search = new ContextSearch(before, first);
    forgetException(context, search.oldException());

    start(WRITE_READ_ONLY);
    expectPageFault("second page fault");
    byte[] second = save(context);
    forgetException(context, search.oldException());

    byte[] idle = save(context);
    start(MOVE_TO_CR8);
    byte[] raised = save(context);

    ContextLayout layout = search.layout(second, idle, raised, TASK_PRIORITY, EFER);
    verify(layout, first, registers);
    return layout;
  }

  private static void plantMarkers(UnicornRegisters registers) {
    for (int i = 0; i < ContextSearch.MARKED; i++) {
      registers.write(GENERAL_IN_CONTEXT_ORDER[i], ContextSearch.MARKER + i);
    }
  }

  private void forgetException(UnicornContext context, int oldException) {
    context.buffer().putInt(oldException, -1);
    check("uc_context_restore", UnicornLibrary.uc_context_restore(engine, context.address()));
  }

  private void verify(ContextLayout layout, byte[] fault, UnicornRegisters registers) {
    expect("RIP", CODE + WRITE_ABSENT, ContextSearch.int64(fault, layout.rip()));
    expect("CR2", ABSENT_PAGE, ContextSearch.int64(fault, layout.cr2()));
    expect("CR3", PML4, ContextSearch.int64(fault, layout.cr3()));
    expect("CS", registers.read(Register.CS), ContextSearch.int32(fault, layout.cs()));
    expect("SS", registers.read(Register.SS), ContextSearch.int32(fault, layout.ss()));
    expect("RFLAGS bit 1", 2, ContextSearch.int64(fault, layout.rflags()) & 2);
  }

  private static void expect(String what, long expected, long actual) {
    if (expected != actual) {
      throw new UnicornException(
          String.format("%s reads 0x%x in a context, expected 0x%x", what, actual, expected));
    }
  }

  private void expectPageFault(String what) {
    expect(what + " vector", TrapFrame.PAGE_FAULT, vector);
  }

  private static final Register[] GENERAL_IN_CONTEXT_ORDER = {
    Register.RAX,
    Register.RCX,
    Register.RDX,
    Register.RBX,
    Register.RSP,
    Register.RBP,
    Register.RSI,
    Register.RDI
  };

  private void start(int offset) {
    vector = NOTHING;
    check("uc_emu_start", UnicornLibrary.uc_emu_start(engine, CODE + offset, 0, 0, 0));
  }

  private byte[] save(UnicornContext context) {
    check("uc_context_save", UnicornLibrary.uc_context_save(engine, context.address()));
    byte[] blob = new byte[context.size()];
    context.buffer().get(0, blob);
    return blob;
  }

  private void buildPageTables() {
    long present = 1;
    long writable = 2;
    ram.store64(new PhysicalAddress(PML4), 0x2000 | present | writable);
    ram.store64(new PhysicalAddress(0x2000), 0x3000 | present | writable);
    ram.store64(new PhysicalAddress(0x3000), 0x4000 | present | writable);
    ram.store64(entry(CODE), CODE | present);
    ram.store64(entry(READ_ONLY_PAGE), READ_ONLY_PAGE | present);
  }

  private static PhysicalAddress entry(int page) {
    return new PhysicalAddress(0x4000 + (page >>> 12) * (long) Long.BYTES);
  }

  private void loadCode() {
    String store = "c60425%s01f4"; // mov byte ptr [disp32], 1; hlt
    code(WRITE_ABSENT, store.formatted("00000200"));
    code(WRITE_READ_ONLY, store.formatted("00100100"));
    code(MOVE_TO_CR8, "b80a000000440f22c0f4"); // mov eax, 10; mov cr8, rax; hlt
    // out 0x80, al; mov eax, [0x10000]; inc ebx; hlt
    code(STOP_IN_BLOCK, "e6808b042500000100ffc3f4");
    code(CPUID_1, "b80100000031c90fa2f4"); // mov eax, 1; xor ecx, ecx; cpuid; hlt
  }

  private void code(int offset, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    ram.write(new PhysicalAddress(CODE + offset), bytes, 0, bytes.length);
  }

  private long nativeOut() {
    return Pointer.nativeValue(out);
  }

  private void close() {
    if (engine != 0) {
      UnicornLibrary.uc_close(engine);
    }
    out.close();
    ram.close();
  }
}
