package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.memory.VirtualAddress;

/** Causes page faults and says how many arrived and how their traps were served. */
final class FaultByContext {

  private static final int FAULTS = 10_000;

  private FaultByContext() {}

  public static void main(String[] args) {
    int[] arrived = new int[1];
    try (TestMachine machine = new TestMachine()) {
      // next: mov [rsi], rax; out 0x80, al; dec ecx; jnz next; hlt
      machine.code("488906 e680 ffc9 75f7 f4");
      machine.cpu.registers().write(Register.RSI, TestMachine.DATA);
      machine.cpu.registers().write(Register.RCX, FAULTS);
      machine.cpu.setPortBus(
          new RecordingPorts() {
            @Override
            public boolean write(int port, int size, int value) {
              machine.unmap(TestMachine.DATA);
              machine.cpu.tlb().invalidatePage(new VirtualAddress(TestMachine.DATA));
              return true;
            }
          });
      machine.cpu.setTrapHandler(
          frame -> {
            if (frame.vector() != TrapFrame.PAGE_FAULT || frame.errorCode() != TrapFrame.PF_WRITE) {
              return TrapAction.END;
            }
            arrived[0]++;
            machine.map(TestMachine.DATA, TestMachine.DATA);
            return TrapAction.RESUME;
          });
      String end = machine.cpu.run() == CpuExit.Halted.INSTANCE ? "halted" : "stuck";
      String how = UnicornLoader.load().probeSummary().contains("by context") ? "context" : "live";
      System.out.println(arrived[0] + " " + end + " " + how);
    }
  }
}
