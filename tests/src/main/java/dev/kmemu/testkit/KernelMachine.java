package dev.kmemu.testkit;

import dev.kmemu.emulator.boot.ElfImage;
import dev.kmemu.emulator.boot.EntryState;
import dev.kmemu.emulator.boot.GuestImageException;
import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.machine.MachineOptions;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.mmu.VirtualMemory;
import dev.kmemu.emulator.unicorn.Unicorn;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.KernelVmConfig;
import java.util.function.UnaryOperator;

/**
 * A machine whose address space the Java kernel VM owns: a guest program is loaded, the VM has
 * built its page tables behind it, and the CPU stands at the program's entry in long mode, paused.
 *
 * <p>The guest is entered at CPL 0 with interrupts off, RSP at the top of a wired stack, and all
 * other general registers 0 until {@link #setRegister} changes them.
 */
public final class KernelMachine implements AutoCloseable {

  /** Bytes of the stack that a guest starts with. */
  public static final long STACK_BYTES = 16 << 10;

  private final Machine machine;
  private final KernelVm vm;
  private final ElfImage image;
  private final VirtualMemory memory;
  private final PagingMode paging;
  private final VirtualAddress stack;

  private KernelMachine(Machine machine, ElfImage image, UnaryOperator<KernelVmConfig> config) {
    this.machine = machine;
    this.image = image;
    image.loadInto(machine.ram());
    long end = (image.physicalEnd().value() + 4095) & -4096L;
    vm =
        new KernelVm(
            machine.ram(),
            machine.tlb(),
            config.apply(KernelVmConfig.of(new PhysicalAddress(end))));
    machine.setHostKernel(vm.hostKernel());
    machine.addSnapshotPart(vm.snapshots());
    memory = new VirtualMemory(machine.ram());
    paging = LongMode.paging(vm.pml4());
    requireMapped(image.entry());
    stack = vm.kmem().alloc(vm.kernelMap(), STACK_BYTES).orThrow();
    machine.onCpu(
        cpu -> {
          enterLongMode(cpu);
          return cpu;
        });
  }

  /**
   * Boots a kernel VM under {@code image}.
   *
   * @throws GuestImageException when the image doesn't fit RAM, or its entry isn't mapped
   * @throws IllegalArgumentException when RAM is too small for the VM behind the image
   */
  public static KernelMachine boot(Unicorn unicorn, RamSize ram, ElfImage image) {
    return boot(unicorn, ram, image, MachineOptions.standard());
  }

  /**
   * As {@link #boot(Unicorn, RamSize, ElfImage)}, on a machine with {@code options}.
   *
   * @throws GuestImageException when the image doesn't fit RAM, or its entry isn't mapped
   * @throws IllegalArgumentException when RAM is too small for the VM behind the image
   */
  public static KernelMachine boot(
      Unicorn unicorn, RamSize ram, ElfImage image, MachineOptions options) {
    return boot(unicorn, ram, image, options, UnaryOperator.identity());
  }

  /**
   * As {@link #boot(Unicorn, RamSize, ElfImage, MachineOptions)}, with a kernel VM that isn't the
   * usual one, such as one with a pmap of the tester's.
   *
   * @param config changes the configuration of the VM
   * @throws GuestImageException when the image doesn't fit RAM, or its entry isn't mapped
   * @throws IllegalArgumentException when RAM is too small for the VM behind the image
   */
  public static KernelMachine boot(
      Unicorn unicorn,
      RamSize ram,
      ElfImage image,
      MachineOptions options,
      UnaryOperator<KernelVmConfig> config) {
    Machine machine = new Machine(unicorn, ram, options);
    try {
      return new KernelMachine(machine, image, config);
    } catch (RuntimeException e) {
      machine.close();
      throw e;
    }
  }

  /** Returns the machine. */
  public Machine machine() {
    return machine;
  }

  /** Returns the kernel VM. */
  public KernelVm vm() {
    return vm;
  }

  /** Returns the program that was loaded. */
  public ElfImage image() {
    return image;
  }

  /** Returns how the CPU translates addresses at the program's entry. */
  public PagingMode paging() {
    return paging;
  }

  /** Returns guest memory by kernel address. */
  public VirtualMemory memory() {
    return memory;
  }

  /** Sets a register of the paused CPU. */
  public void setRegister(Register register, long value) {
    machine.onCpu(
        cpu -> {
          cpu.registers().write(register, value);
          return cpu;
        });
  }

  /**
   * Writes guest memory.
   *
   * @throws IllegalArgumentException when a page isn't mapped, saying why
   */
  public void write(VirtualAddress address, byte[] bytes) {
    int done = memory.write(paging, address, bytes, 0, bytes.length);
    if (done < bytes.length) {
      throw new IllegalArgumentException(memory.explain(paging, address.plus(done)));
    }
  }

  /**
   * Reads guest memory.
   *
   * @throws IllegalArgumentException when a page isn't mapped, saying why
   */
  public byte[] read(VirtualAddress address, int length) {
    byte[] bytes = new byte[length];
    int done = memory.read(paging, address, bytes, 0, length);
    if (done < length) {
      throw new IllegalArgumentException(memory.explain(paging, address.plus(done)));
    }
    return bytes;
  }

  @Override
  public void close() {
    machine.close();
    vm.close();
  }

  private void requireMapped(VirtualAddress entry) {
    if (memory.walker().translate(paging, entry.value()) < 0) {
      throw new IllegalArgumentException(
          image.name()
              + ": the entry "
              + memory.explain(paging, entry)
              + " (link the program at 0xffffffff80000000 + its physical address)");
    }
  }

  private void enterLongMode(CpuEngine cpu) {
    new EntryState.Long64(image.entry().value(), vm.pml4().value()).apply(cpu);
    RegisterFile registers = cpu.registers();
    registers.write(Register.RDX, 0);
    LongMode.enter(registers, vm.pml4());
    registers.write(Register.RSP, stack.plus(STACK_BYTES).value());
  }
}
