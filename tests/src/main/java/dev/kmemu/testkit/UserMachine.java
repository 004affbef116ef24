package dev.kmemu.testkit;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.PortBus;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.trap.TrapRouter;
import dev.kmemu.emulator.unicorn.AnonymousMapping;
import dev.kmemu.emulator.unicorn.Unicorn;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.KernelVmConfig;
import dev.kmemu.vm.fault.FaultFlags;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.EntryReservation;
import dev.kmemu.vm.map.MapInsertion;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.pager.SwapConfig;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.Pmap;
import java.util.function.UnaryOperator;

/**
 * A CPU on the Java kernel VM that runs programs given as bytes: at CPL 0 from kernel memory, at
 * CPL 3 in user address spaces. There is no machine around it: all calls come from the thread that
 * made it, and each run ends before its call returns.
 *
 * <p>A program ends by {@code out} to {@link #EXIT_PORT}, {@code out 0xF4, al}, followed by {@code
 * jmp .}: the CPU runs the rest of the basic block before the run ends. Or it ends by an exception,
 * such as a fault that earns it a signal. {@code out} to {@link #HOST_PORT} lets the host act
 * between two instructions. Once the CPU has been in user mode it stays there: kernel programs come
 * first.
 */
public final class UserMachine implements AutoCloseable {

  /** Ends the run. */
  public static final int EXIT_PORT = 0xF4;

  /** Runs the action of {@link #onHostPort}. */
  public static final int HOST_PORT = 0x80;

  private static final long FIRST_FREE = 2L << 20;
  private static final long USER_RFLAGS = 0x3002; // IOPL 3, so that programs reach the ports
  private static final int KERNEL_CS = 0x08;
  private static final int KERNEL_SS = 0x10;
  private static final int USER_CS = 0x1B;
  private static final int USER_SS = 0x23;
  private static final int GDT_LIMIT = 0x27;
  private static final int STUB = 0x100;
  private static final int FRAME = 0x200;

  private final PhysicalMemory ram;
  private final CpuEngine cpu;
  private final TrapRouter traps;
  private final KernelVm vm;
  private final long page;
  private Runnable hostAction = () -> {};

  private UserMachine(
      Unicorn unicorn,
      long ramBytes,
      UnaryOperator<TlbControl> tlb,
      UnaryOperator<KernelVmConfig> config) {
    ram = new PhysicalMemory(new AnonymousMapping(ramBytes));
    cpu = unicorn.createCpu(ram);
    traps = new TrapRouter(ram);
    vm =
        new KernelVm(
            ram,
            tlb.apply(cpu.tlb()),
            config.apply(KernelVmConfig.of(new PhysicalAddress(FIRST_FREE))));
    traps.setHostKernel(vm.hostKernel());
    cpu.setTrapHandler(traps);
    cpu.setPortBus(new Ports());
    page = vm.kmem().alloc(vm.kernelMap(), VmArith.PAGE_SIZE).orThrow().value();
    LongMode.enter(cpu.registers(), vm.pml4());
    loadSegments();
  }

  /** Boots a kernel VM without a guest program. */
  public static UserMachine boot(Unicorn unicorn, long ramBytes) {
    return boot(unicorn, ramBytes, UnaryOperator.identity());
  }

  /**
   * Boots a kernel VM without a guest program.
   *
   * @param tlb makes what the VM flushes through from the CPU's own control
   */
  public static UserMachine boot(Unicorn unicorn, long ramBytes, UnaryOperator<TlbControl> tlb) {
    return new UserMachine(unicorn, ramBytes, tlb, UnaryOperator.identity());
  }

  /** Boots a kernel VM without a guest program, whose anonymous pages go to {@code swap}. */
  public static UserMachine withSwap(Unicorn unicorn, long ramBytes, SwapConfig swap) {
    return configured(unicorn, ramBytes, UnaryOperator.identity(), config -> config.withSwap(swap));
  }

  /**
   * Boots a kernel VM that isn't the usual one, such as one with a pmap of the tester's.
   *
   * @param tlb makes what the VM flushes through from the CPU's own control
   * @param config changes the configuration of the VM
   */
  public static UserMachine configured(
      Unicorn unicorn,
      long ramBytes,
      UnaryOperator<TlbControl> tlb,
      UnaryOperator<KernelVmConfig> config) {
    return new UserMachine(unicorn, ramBytes, tlb, config);
  }

  /** Returns the kernel VM. */
  public KernelVm vm() {
    return vm;
  }

  /** Returns the CPU. */
  public CpuEngine cpu() {
    return cpu;
  }

  /** Sets what {@code out} to {@link #HOST_PORT} does. */
  public void onHostPort(Runnable action) {
    hostAction = action;
  }

  /** Reads a register. */
  public long get(Register register) {
    return cpu.registers().read(register);
  }

  /** Sets a register. */
  public void set(Register register, long value) {
    cpu.registers().write(register, value);
  }

  /** Makes an address space in which nothing is mapped. */
  public UserSpace createSpace(String name) {
    Pmap pmap = vm.userPmaps().pinit();
    return new UserSpace(vm.maps().create(name, pmap, 0, KvaLayout.USER_END), pmap);
  }

  /**
   * Maps anonymous memory, whose pages come when they are touched.
   *
   * @param va page aligned, as is {@code bytes}
   * @param prot bits of {@link VmProt}
   */
  public void mapAnonymous(UserSpace space, long va, long bytes, int prot) {
    VmMap map = space.map();
    KernReturn result;
    try (EntryReservation reservation = vm.maps().reserve().reserve()) {
      map.lock();
      try {
        result =
            vm.maps()
                .insertion()
                .insert(
                    map,
                    reservation,
                    new MapInsertion.Mapping(null, 0, MapType.NORMAL, prot, VmProt.ALL, 0),
                    va,
                    va + bytes);
      } finally {
        map.unlock();
      }
    }
    if (result != KernReturn.SUCCESS) {
      throw new IllegalArgumentException(String.format("can't map 0x%x: %s", va, result));
    }
  }

  /** Maps anonymous memory at {@code va}, page aligned, and puts a program there. */
  public void loadProgram(UserSpace space, long va, byte[] code) {
    mapAnonymous(space, va, VmArith.roundPage(code.length), VmProt.ALL);
    for (int done = 0; done < code.length; done += (int) VmArith.PAGE_SIZE) {
      KernReturn result = vm.faults().fault(space.map(), va + done, VmProt.WRITE, FaultFlags.DIRTY);
      if (result != KernReturn.SUCCESS) {
        throw new IllegalStateException(String.format("no page at 0x%x: %s", va + done, result));
      }
      int run = (int) Math.min(code.length - done, VmArith.PAGE_SIZE);
      ram.write(new PhysicalAddress(space.pmap().extract(va + done)), code, done, run);
    }
  }

  /** Puts a program of at most a page into wired kernel memory and returns where it is. */
  public long loadKernelProgram(byte[] code) {
    long va = vm.kmem().alloc(vm.kernelMap(), VmArith.PAGE_SIZE).orThrow().value();
    ram.write(new PhysicalAddress(vm.pmap().extract(va)), code, 0, code.length);
    return va;
  }

  /** Runs at CPL 0 in the kernel's address space. */
  public GuestEnd runKernel(long rip) {
    return runKernel(vm.pmap(), rip);
  }

  /** Runs at CPL 0 on the page tables of {@code pmap}, as a system call of its user does. */
  public GuestEnd runKernel(Pmap pmap, long rip) {
    if ((get(Register.CS) & 3) != 0) {
      throw new IllegalStateException("the CPU is in user mode, and no gate leads back");
    }
    switchTo(pmap);
    set(Register.RIP, rip);
    return run();
  }

  /** Runs at CPL 3; the program finds RSP as it is when it uses no stack of its own. */
  public GuestEnd runUser(UserSpace space, long rip) {
    vm.trap().setUserMap(space.map());
    switchTo(space.pmap());
    if ((get(Register.CS) & 3) == 0) {
      long[] frame = {rip, USER_CS, USER_RFLAGS, get(Register.RSP), USER_SS};
      for (int i = 0; i < frame.length; i++) {
        storeKernel(FRAME + i * Long.BYTES, frame[i]);
      }
      set(Register.RSP, page + FRAME);
      set(Register.RIP, page + STUB);
    } else {
      set(Register.RIP, rip);
    }
    return run();
  }

  /** Loads CR3 with the root of {@code pmap}. */
  public void switchTo(Pmap pmap) {
    vm.currentPmap().switchTo(pmap, cr3 -> set(Register.CR3, cr3));
  }

  private GuestEnd run() {
    CpuExit exit = cpu.run();
    return new GuestEnd(exit, traps.takeCrash());
  }

  private void loadSegments() {
    storeKernel(KERNEL_CS, 0x0020_9A00_0000_0000L);
    storeKernel(KERNEL_SS, 0x0000_9200_0000_0000L);
    storeKernel(USER_CS & -8, 0x0020_FA00_0000_0000L);
    storeKernel(USER_SS & -8, 0x0000_F200_0000_0000L);
    storeKernel(STUB, 0xCF48); // iretq
    set(Register.GDTR_BASE, page);
    set(Register.GDTR_LIMIT, GDT_LIMIT);
    set(Register.CS, KERNEL_CS);
    set(Register.SS, KERNEL_SS);
  }

  private void storeKernel(int offset, long value) {
    ram.store64(new PhysicalAddress(vm.pmap().extract(page) + offset), value);
  }

  private final class Ports implements PortBus {
    @Override
    public int read(int port, int size) {
      return -1;
    }

    @Override
    public boolean write(int port, int size, int value) {
      if (port == HOST_PORT) {
        hostAction.run();
      }
      return port != EXIT_PORT;
    }
  }

  @Override
  public void close() {
    vm.close();
    cpu.close();
    ram.close();
  }
}
