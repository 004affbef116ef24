package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.PortBus;

/** IN and OUT, in the middle of a basic block. */
final class PortHooks {

  private static final int PORT = 0xFFFF;

  private final PortPermission permission;
  private final UnicornFrame frame;
  private final Reentry reentry;
  private final RunEnd run;
  private PortBus ports = AbsentPorts.INSTANCE;

  PortHooks(PortPermission permission, UnicornFrame frame, Reentry reentry, RunEnd run) {
    this.frame = frame;
    this.permission = permission;
    this.reentry = reentry;
    this.run = run;
  }

  void setPortBus(PortBus bus) {
    ports = bus;
  }

  int onIn(long uc, int port, int size, long user) {
    reentry.leaveBlock();
    int value = -1;
    try {
      if (permission.allows(port & PORT, size)) {
        value = ports.read(port & PORT, size);
      } else {
        refuse();
      }
    } catch (Throwable e) {
      run.fail(e);
    }
    reentry.reenterBlock();
    return value;
  }

  void onOut(long uc, int port, int size, int value, long user) {
    reentry.leaveBlock();
    try {
      if (!permission.allows(port & PORT, size)) {
        refuse();
      } else if (!ports.write(port & PORT, size, value)) {
        run.end(CpuExit.HandlerEnded.INSTANCE);
      }
    } catch (Throwable e) {
      run.fail(e);
    }
    reentry.reenterBlock();
  }

  /** {@link GuardedHelpers} raise #GP when the hook has returned. */
  private void refuse() {
    frame.setErrorCode(GuardedHelpers.PORT_REFUSED);
  }
}
