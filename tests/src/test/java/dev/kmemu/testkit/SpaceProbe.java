package dev.kmemu.testkit;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.map.VmSpace;
import dev.kmemu.vm.pager.SwapConfig;
import java.util.HexFormat;

/** A program in ring 3 of any address space, which loads or stores a word. */
final class SpaceProbe implements AutoCloseable {

  private static final long RAM = 8 << 20;
  private static final long CODE = 0x40_0000;

  /** {@code mov (%rsi),%rax; out %al,$0xF4; jmp .; mov %rdx,(%rsi); out %al,$0xF4; jmp .}. */
  private static final byte[] PROGRAM = HexFormat.of().parseHex("488b06e6f4ebfe488916e6f4ebfe");

  private static final int LOAD = 0;
  private static final int STORE = 7;

  private final UserMachine machine;

  SpaceProbe(int swapPages) {
    machine = UserMachine.withSwap(UnicornLoader.load(), RAM, new SwapConfig.Memory(swapPages));
  }

  KernelVm vm() {
    return machine.vm();
  }

  /** Puts the program into a space. */
  void enter(VmSpace space) {
    machine.loadProgram(view(space), CODE, PROGRAM);
  }

  /** Returns why the program crashed, empty when it didn't. */
  String load(VmSpace space, long va) {
    return run(space, va, LOAD);
  }

  /** Returns what was loaded. */
  long word() {
    return machine.get(Register.RAX);
  }

  String store(VmSpace space, long va, long word) {
    machine.set(Register.RDX, word);
    return run(space, va, STORE);
  }

  private String run(VmSpace space, long va, int part) {
    machine.set(Register.RSI, va);
    return machine.runUser(view(space), CODE + part).reason();
  }

  private static UserSpace view(VmSpace space) {
    return new UserSpace(space.map(), space.pmap());
  }

  /** Leaves all user spaces, so that they can end. */
  void leave() {
    machine.vm().trap().setUserMap(null);
    machine.switchTo(machine.vm().pmap());
  }

  @Override
  public void close() {
    machine.close();
  }
}
