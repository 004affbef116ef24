package dev.kmemu.testkit;

import dev.kmemu.emulator.boot.ElfImage;
import dev.kmemu.emulator.device.PortDevice;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.firmware.FirmwarePorts;
import dev.kmemu.firmware.SelfTestReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The device that self-test reports arrive at: each write names a record in guest memory, which is
 * read before the guest goes on.
 */
public final class GuestReports implements PortDevice {

  private static final String SYMBOL = "selftest_report";

  private final KernelMachine kernel;
  private final VirtualAddress records;
  private final List<SelfTestReport> received = new ArrayList<>();

  private GuestReports(KernelMachine kernel, VirtualAddress records) {
    this.kernel = kernel;
    this.records = records;
  }

  /** Whether {@code image} is a program that reports. */
  public static boolean isSender(ElfImage image) {
    return image.symbols().address(SYMBOL).isPresent();
  }

  /**
   * Attaches the device when the guest is one that reports.
   *
   * @return the device, or empty when the image has no array of reports
   */
  public static Optional<GuestReports> attach(KernelMachine kernel) {
    ElfImage image = kernel.image();
    return image
        .symbols()
        .address(SYMBOL)
        .map(
            address -> {
              GuestReports reports = new GuestReports(kernel, address);
              kernel.machine().ports().attach(FirmwarePorts.REPORT, 1, reports);
              return reports;
            });
  }

  /** Returns what has arrived so far, oldest first. */
  public synchronized List<SelfTestReport> received() {
    return List.copyOf(received);
  }

  @Override
  public boolean write(int port, int size, int value) {
    byte[] record = kernel.read(records.plus(SelfTestReport.offset(value)), SelfTestReport.BYTES);
    synchronized (this) {
      received.add(SelfTestReport.decode(record));
    }
    return true;
  }
}
