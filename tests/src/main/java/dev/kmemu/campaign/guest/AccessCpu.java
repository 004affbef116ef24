package dev.kmemu.campaign.guest;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.HostKernel;
import dev.kmemu.emulator.cpu.InterruptibleFrame;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.cpu.SegmentAttributes;
import dev.kmemu.emulator.cpu.SegmentRegister;
import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.cpu.TrapVerdict;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.unicorn.Unicorn;
import org.jspecify.annotations.Nullable;

/**
 * The CPU that makes accesses: many in one run, of which those that fault are noted and passed
 * over. Nothing is flushed between two runs.
 */
public final class AccessCpu implements AutoCloseable {

  private static final long CR0 = 0x8005_0033L; // PG AM WP NE ET MP PE
  private static final long CR4 = 0x6A0L; // OSXMMEXCPT OSFXSR PGE PAE
  private static final long EFER = 0xD01L; // NXE LMA LME SCE
  private static final long RFLAGS = 2;
  private static final int LIMIT = -1;
  private static final int USER = 3;

  /** An access whose faults were served so often without its being made is served for ever. */
  private static final int MOST_SERVED = 100;

  /** Stands for no exception. */
  public static final int NONE = -1;

  private final CpuEngine cpu;
  private final GuestWindow window;
  private final int[] vectors = new int[GuestWindow.CAPACITY];
  private final int[] errorCodes = new int[GuestWindow.CAPACITY];
  private final long[] faultAddresses = new long[GuestWindow.CAPACITY];
  private final @Nullable TrapVerdict[] verdicts = new @Nullable TrapVerdict[GuestWindow.CAPACITY];
  private @Nullable HostKernel kernel;
  private int size;
  private int servedInVain;
  private int faulting;
  private long served;

  /** Creates it in {@code ram}, whose lowest 2 MiB it takes. */
  public AccessCpu(Unicorn unicorn, PhysicalMemory ram) {
    window = new GuestWindow(ram);
    cpu = unicorn.createCpu(ram);
    cpu.setTrapHandler(this::onTrap);
  }

  /** Returns the control over what the CPU has cached. */
  public TlbControl tlb() {
    return cpu.tlb();
  }

  /** Returns where its code lies. */
  public GuestWindow window() {
    return window;
  }

  /** Goes into long mode on the tables at {@code root}, with nothing cached. */
  public void start(long root) {
    RegisterFile registers = cpu.registers();
    registers.write(Register.EFER, EFER);
    registers.write(Register.CR4, CR4);
    registers.write(Register.CR3, root);
    registers.write(Register.CR0, CR0);
    registers.write(Register.RFLAGS, RFLAGS);
    cpu.tlb().invalidateAll();
  }

  /** Loads CR3. */
  public void loadRoot(long cr3) {
    cpu.registers().write(Register.CR3, cr3);
  }

  /** Returns how it translates now. */
  public PagingMode paging() {
    return PagingMode.of(CR0, cpu.registers().read(Register.CR3), CR4, EFER, RFLAGS);
  }

  /** Begins a new run. */
  public void clear() {
    size = 0;
    servedInVain = 0;
  }

  /** Adds an access and returns its number. */
  public int add(AccessType type, long address, long value) {
    long routine =
        switch (type) {
          case LOAD -> GuestWindow.LOAD;
          case STORE -> GuestWindow.STORE;
          case FETCH -> GuestWindow.FETCH;
        };
    window.queue(size, address, routine, value);
    vectors[size] = NONE;
    verdicts[size] = null;
    return size++;
  }

  /** Makes all accesses, in ring 3 or ring 0. */
  public void run(boolean user) {
    if (size == 0) {
      return;
    }
    setRing(user ? USER : 0);
    RegisterFile registers = cpu.registers();
    registers.write(Register.RDI, GuestWindow.QUEUE);
    registers.write(Register.RCX, size);
    registers.write(Register.RBX, GuestWindow.DONE);
    registers.write(Register.R8, GuestWindow.PROGRESS);
    registers.write(Register.RIP, GuestWindow.START);
    CpuExit exit = cpu.run();
    if (exit != CpuExit.HandlerEnded.INSTANCE || registers.read(Register.RCX) != 0) {
      throw new IllegalStateException(
          String.format(
              "%d of %d accesses left at RIP 0x%x: %s",
              registers.read(Register.RCX), size, registers.read(Register.RIP), exit));
    }
  }

  /** Makes all accesses, and has nobody serve page faults. */
  public void runUnserved(boolean user) {
    HostKernel asked = kernel;
    kernel = null;
    try {
      run(user);
    } finally {
      kernel = asked;
    }
  }

  /** Returns the vector that an access raised, {@link #NONE} for none. */
  public int vector(int number) {
    return vectors[number];
  }

  /** Returns the error code of an access's exception. */
  public int errorCode(int number) {
    return errorCodes[number];
  }

  /** Returns CR2 of an access's page fault. */
  public long faultAddress(int number) {
    return faultAddresses[number];
  }

  /** Returns the word loaded, or what the code fetched left in RAX. */
  public long result(int number) {
    return window.result(number);
  }

  /** Returns why a kernel didn't serve an access, null where it did or none was asked. */
  public @Nullable TrapVerdict verdict(int number) {
    return verdicts[number];
  }

  /** Sets who serves page faults, null for nobody. */
  public void setKernel(@Nullable HostKernel newKernel) {
    kernel = newKernel;
  }

  /** Returns how many page faults were served. */
  public long served() {
    return served;
  }

  private void setRing(int ring) {
    CpuState state = cpu.state();
    if (state.cpl() != ring) {
      int code = SegmentAttributes.withDpl(SegmentAttributes.CODE_64, ring);
      int data = SegmentAttributes.withDpl(SegmentAttributes.DATA, ring);
      state.load(SegmentRegister.CS, ring == 0 ? 0x08 : 0x1B, 0, LIMIT, code);
      state.load(SegmentRegister.SS, ring == 0 ? 0x10 : 0x23, 0, LIMIT, data);
    }
  }

  private TrapAction onTrap(InterruptibleFrame frame) {
    if (frame.vector() == TrapFrame.INVALID_OPCODE) {
      return TrapAction.END;
    }
    int number = window.progress();
    HostKernel asked = kernel;
    if (asked != null && frame.vector() == TrapFrame.PAGE_FAULT) {
      TrapVerdict verdict = asked.pageFault(frame);
      if (verdict == TrapVerdict.Resume.INSTANCE && isInTime(number)) {
        served++;
        return TrapAction.RESUME;
      }
      verdicts[number] = verdict;
    }
    vectors[number] = frame.vector();
    errorCodes[number] = frame.errorCode();
    faultAddresses[number] = frame.faultAddress();
    frame.setRip(GuestWindow.NEXT);
    return TrapAction.RESUME;
  }

  private boolean isInTime(int number) {
    servedInVain = number == faulting ? servedInVain + 1 : 1;
    faulting = number;
    return servedInVain <= MOST_SERVED;
  }

  @Override
  public void close() {
    cpu.close();
  }
}
