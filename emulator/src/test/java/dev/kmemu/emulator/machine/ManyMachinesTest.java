package dev.kmemu.emulator.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class ManyMachinesTest {

  private static final int WARM_UP = 20;
  private static final int MACHINES = 200;
  private static final long MOST_GROWTH = 256L << 20;

  private static void runOne() {
    try (GuestProgram guest = new GuestProgram("50 58 f4")) { // push rax; pop rax; hlt
      guest.machine.resume();
      assertThat(guest.machine.outcome().join()).isEqualTo(new GuestOutcome.Halted());
    }
  }

  private static long openFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }

  private static long vcpuThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("kmemu-vcpu"))
        .count();
  }

  private static long residentBytes() throws IOException {
    String line =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(l -> l.startsWith("VmRSS:"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", "")) << 10;
  }

  @Test
  void leaveNothingBehind() throws IOException {
    for (int i = 0; i < WARM_UP; i++) {
      runOne();
    }
    long threads = vcpuThreads();
    long files = openFiles();
    long resident = residentBytes();
    for (int i = 0; i < MACHINES; i++) {
      runOne();
    }
    assertThat(vcpuThreads()).as("CPU threads").isLessThanOrEqualTo(threads);
    assertThat(openFiles()).as("open files").isLessThanOrEqualTo(files + 5);
    assertThat(residentBytes() - resident).as("resident growth").isLessThan(MOST_GROWTH);
  }
}
