package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.MmioBus;
import org.jspecify.annotations.Nullable;

/** Loads and stores outside RAM, in the middle of a basic block. */
final class MmioHooks {

  private static final long ALL_ONES = -1;

  private final Reentry reentry;
  private final RunEnd run;
  private @Nullable MmioBus bus;

  MmioHooks(Reentry reentry, RunEnd run) {
    this.reentry = reentry;
    this.run = run;
  }

  void setMmioBus(MmioBus devices) {
    bus = devices;
  }

  /** The library's {@code user} is where the region begins that {@code offset} counts from. */
  long onRead(long uc, long offset, int size, long user) {
    MmioBus devices = bus;
    if (devices == null) {
      return ALL_ONES;
    }
    reentry.leaveBlock();
    long value = ALL_ONES;
    try {
      value = devices.read(user + offset, size);
    } catch (Throwable e) {
      run.fail(e);
    }
    reentry.reenterBlock();
    return value;
  }

  void onWrite(long uc, long offset, int size, long value, long user) {
    MmioBus devices = bus;
    if (devices == null) {
      return;
    }
    reentry.leaveBlock();
    try {
      if (!devices.write(user + offset, size, value)) {
        run.end(CpuExit.HandlerEnded.INSTANCE);
      }
    } catch (Throwable e) {
      run.fail(e);
    }
    reentry.reenterBlock();
  }
}
