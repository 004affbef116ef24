package dev.kmemu.testkit.guest;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.AccessKind;
import dev.kmemu.emulator.mmu.AccessOutcome;
import dev.kmemu.testkit.assembler.Program;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.map.VmSpace;
import dev.kmemu.vm.pmap.Pmap;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The machine's CPU, one access or one small program at a time, on the page tables that the kernel
 * VM has built: the CPU itself walks them, sets Accessed and Dirty, caches translations and raises
 * what it raises, and the VM answers page faults.
 *
 * <pre>{@code
 * VirtualAddress kva = vm.kmem().alloc(vm.kernelMap(), 4096).orThrow();
 * GuestAccess load = guest.load(kva);                 // CPL 0, in kernel_pmap
 * GuestAccess store = guest.user(space).store(va, 1); // CPL 3, in a user address space
 * }</pre>
 *
 * <p>Nothing of the VM's memory and nothing of a pmap's tables is used for it: ring 3 runs on a
 * copy of the pmap's top table. CR3 is loaded, and translations are flushed, only when the address
 * space or the use of that copy changes. An access uses RAX, RSI, RSP and RIP. Callable from any
 * thread but the CPU's.
 */
public final class GuestCpu {

  private final TestMachine owner;
  private final AddressSpace space;

  GuestCpu(TestMachine owner, AddressSpace space) {
    this.owner = owner;
    this.space = space;
  }

  /** Returns the CPU at CPL 3 in a user address space, whose map serves its faults. */
  public GuestCpu user(VmSpace vmspace) {
    return new GuestCpu(owner, new AddressSpace(vmspace.pmap(), vmspace.map(), 3));
  }

  /** Returns the CPU at CPL 3 on a pmap without a map: every page fault is a SIGSEGV. */
  public GuestCpu user(Pmap pmap) {
    return new GuestCpu(owner, new AddressSpace(pmap, null, 3));
  }

  /** Returns the CPU at CPL 0 in a user address space, as in a system call. */
  public GuestCpu kernel(VmSpace vmspace) {
    return new GuestCpu(owner, new AddressSpace(vmspace.pmap(), vmspace.map(), 0));
  }

  /** Returns the CPU at CPL 0 on a pmap without a map. */
  public GuestCpu kernel(Pmap pmap) {
    return new GuestCpu(owner, new AddressSpace(pmap, null, 0));
  }

  /** Returns the privilege level, 0 or 3. */
  public int cpl() {
    return space.cpl();
  }

  /** Returns the physical map that it runs on. */
  public Pmap pmap() {
    return space.pmap();
  }

  /** Returns the kernel VM. */
  public KernelVm vm() {
    return owner.vm();
  }

  /** Loads 8 bytes. */
  public GuestAccess load(VirtualAddress address) {
    return load(address, Long.BYTES);
  }

  /** Loads 8 bytes. */
  public GuestAccess load(long va) {
    return load(new VirtualAddress(va));
  }

  /**
   * Loads.
   *
   * @param bytes 1, 2, 4 or 8
   */
  public GuestAccess load(VirtualAddress address, int bytes) {
    return access(AccessKind.READ, address, bytes, 0);
  }

  /** Stores 8 bytes. */
  public GuestAccess store(VirtualAddress address, long value) {
    return store(address, value, Long.BYTES);
  }

  /** Stores 8 bytes. */
  public GuestAccess store(long va, long value) {
    return store(new VirtualAddress(va), value);
  }

  /**
   * Stores.
   *
   * @param bytes 1, 2, 4 or 8
   */
  public GuestAccess store(VirtualAddress address, long value, int bytes) {
    return access(AccessKind.WRITE, address, bytes, value);
  }

  /** Jumps to an address; what is there isn't executed. */
  public GuestAccess fetch(VirtualAddress address) {
    return access(AccessKind.FETCH, address, 1, 0);
  }

  /** Jumps to an address; what is there isn't executed. */
  public GuestAccess fetch(long va) {
    return fetch(new VirtualAddress(va));
  }

  private GuestAccess access(AccessKind kind, VirtualAddress address, int bytes, long value) {
    long[] loaded = {value};
    GuestRunner.Result result =
        kind == AccessKind.FETCH && address.isCanonical()
            ? owner.runner().fetch(space, address)
            : owner
                .runner()
                .run(
                    space,
                    Reserved.STUBS + AccessStubs.offset(kind, bytes),
                    cpu -> {
                      cpu.registers().write(Register.RSI, address.value());
                      cpu.registers().write(Register.RAX, value);
                    },
                    registers -> loaded[0] = registers.read(Register.RAX));
    long shown = kind == AccessKind.READ && result.end() == null ? loaded[0] : value;
    GuestAccess access =
        new GuestAccess(kind, address, bytes, cpl(), shown, result.served(), result.end());
    owner.trace().add(access.toString(), address, space.pmap());
    return access;
  }

  /**
   * Runs a program from its first instruction to its HLT, at either privilege level, with a stack
   * of 16 KiB. General registers but RSP are as {@link #set} or the last run left them.
   *
   * @throws IllegalArgumentException when it is longer than 64 KiB
   * @throws GuestHangsException when it doesn't end in time
   */
  public GuestRun run(Program program) {
    byte[] code = program.bytes();
    if (code.length > Reserved.PROGRAM_BYTES) {
      throw new IllegalArgumentException(
          "a program of "
              + code.length
              + " bytes: at most "
              + Reserved.PROGRAM_BYTES
              + "; write longer ones to memory of the VM's and jump there");
    }
    Map<Register, Long> kept = new EnumMap<>(Register.class);
    VirtualAddress origin = new VirtualAddress(GuestRunner.address(space, Reserved.PROGRAM));
    GuestRunner.Result result =
        owner
            .runner()
            .run(
                space,
                Reserved.PROGRAM,
                cpu -> owner.loadProgram(cpu, origin, code),
                registers ->
                    TestMachine.GENERAL.forEach(
                        register -> kept.put(register, registers.read(register))));
    GuestFault end = result.end();
    owner
        .trace()
        .add(
            "program of "
                + code.length
                + " bytes at CPL "
                + cpl()
                + ": "
                + (end == null ? "came to its end" : end),
            end != null && end.isPageFault() ? end.address() : origin,
            space.pmap());
    return new GuestRun(Map.copyOf(kept), origin, result.served(), result.end());
  }

  /** Sets a register for the next {@link #run}. */
  public GuestCpu set(Register register, long value) {
    owner
        .machine()
        .onCpu(
            cpu -> {
              cpu.registers().write(register, value);
              return cpu;
            });
    return this;
  }

  /** Reads a register as the last run or access left it. */
  public long get(Register register) {
    return owner.machine().onCpu(cpu -> cpu.registers().read(register));
  }

  /** Sets how long a run may take, 10 s unless set; for all uses of the machine. */
  public void setTimeLimit(Duration limit) {
    owner.runner().setTimeLimit(limit.toMillis());
  }

  /**
   * Returns the page walk of an address in this address space, level by level, and what the VM
   * thinks is there.
   */
  public String walk(VirtualAddress address) {
    return owner.walk(space.pmap(), address);
  }

  /** Returns the physical address that the tables say now, -1 for none. */
  public long translate(VirtualAddress address) {
    return owner.translate(space.pmap(), address);
  }

  /** Returns what the CPU would do about an access if it had no translations cached. */
  public AccessOutcome predict(AccessKind kind, VirtualAddress address) {
    return owner.predict(space, kind, address);
  }

  /** Whether {@code pa} is in guest RAM. */
  public boolean isRam(PhysicalAddress pa) {
    return owner.machine().ram().contains(pa, 1);
  }

  /** Returns the last accesses and runs of the machine, oldest first, one line each. */
  public List<String> history() {
    return owner.trace().lines();
  }
}
