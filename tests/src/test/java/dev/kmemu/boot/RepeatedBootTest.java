package dev.kmemu.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.boot.BootImages;
import dev.kmemu.emulator.boot.BootRequest;
import dev.kmemu.emulator.machine.GuestOutcome;
import dev.kmemu.emulator.machine.RamSize;
import dev.kmemu.emulator.pc.PcMachine;
import dev.kmemu.emulator.pc.PcOptions;
import dev.kmemu.emulator.time.TimeMode;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import java.util.HexFormat;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** With counted time two boots are the same to the last bit. */
class RepeatedBootTest {

  /**
   * In real mode at 0x7C00: sets vector 8 to a handler, the PIT to 1 kHz in mode 2, enables
   * interrupts, and counts in CX. The handler prints CL's low digit and the clock's seconds, ends
   * the interrupt, and switches the machine off at the 20th tick.
   */
  private static final String TICKER =
      "31c0 8ed8 8ed0 bc007c"
          + "c706 2000 3b7c c706 2200 0000" // [0x20] = 0:handler
          + "b011 e620 b008 e621 b004 e621 b001 e621" // PIC at vector 8
          + "b034 e643 b0a9 e640 b004 e640" // 1193 counts
          + "31db 31c9 fb 41 ebfd 9090" // loop: inc cx; jmp
          // handler at 0x7C3B
          + "50 52 88c8 2407 0430 baf803 ee" // the low digit of the count so far
          + "b000 e670 e471 ee" // the clock's seconds
          + "b020 e620 43 83fb14 7507"
          + "ba0406 b80020 ef"
          + "5a 58 cf";

  private record End(GuestOutcome outcome, String serial, String state, long interrupts) {}

  private static End boot() throws Exception {
    StringBuilder serial = new StringBuilder();
    PcOptions options =
        PcOptions.standard()
            .withTime(TimeMode.INSTRUCTIONS)
            .withSerial(character -> serial.append(Integer.toHexString(character)));
    byte[] code = HexFormat.of().parseHex(TICKER.replace(" ", ""));
    try (PcMachine pc = new PcMachine(UnicornLoader.load(), RamSize.parse("16M"), options)) {
      pc.load(
          BootImages.parse("ticker", code, BootImages.Format.FLAT16, OptionalLong.empty()),
          BootRequest.none());
      pc.machine().resume();
      GuestOutcome outcome = pc.machine().outcome().get(60, TimeUnit.SECONDS);
      return new End(outcome, serial.toString(), pc.machine().stateHash(), pc.interruptsTaken());
    }
  }

  @Test
  void twoBootsWithTimerInterruptsEndInTheSameState() throws Exception {
    End first = boot();

    assertThat(first.outcome()).isEqualTo(new GuestOutcome.PoweredOff());
    assertThat(first.interrupts()).isEqualTo(20);
    assertThat(first.serial()).hasSizeGreaterThanOrEqualTo(40);
    assertThat(boot()).isEqualTo(first);
  }
}
