package dev.kmemu.emulator.trap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.PortBus;
import dev.kmemu.emulator.cpu.Register;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A refused access has no effect; that it doesn't fault is in docs/cpu-limits.md. */
@DisplayName("IOPL and the I/O permission bitmap (SDM vol. 1, 18.5)")
class PortPermissionTest {

  private static final String OUT_IN_UD = "e680 e480 0f0b"; // out 0x80, al; in al, 0x80; ud2

  private final GuestKernel guest = new GuestKernel();
  private final List<Integer> written = new ArrayList<>();

  @BeforeEach
  void connect() {
    guest.cpu.setPortBus(
        new PortBus() {
          @Override
          public int read(int port, int size) {
            return 0x55;
          }

          @Override
          public boolean write(int port, int size, int value) {
            written.add(port);
            return true;
          }
        });
  }

  @AfterEach
  void close() {
    guest.close();
  }

  private void run(int mapBase, int mapByte, long flags) {
    guest.userMode(OUT_IN_UD);
    guest.store16(GuestKernel.TSS + 0x66, mapBase);
    guest.store16(GuestKernel.TSS + 0x68 + 0x10, mapByte);
    guest.set(Register.TR_LIMIT, 0x68 + 0x20);
    guest.set(Register.RAX, 0);
    guest.set(Register.RFLAGS, flags);
    assertThat(guest.runToHandler()).isEqualTo(6);
  }

  private void assertReached(boolean reached) {
    assertThat(written).isEqualTo(reached ? List.of(0x80) : List.of());
    assertThat(guest.get(Register.RAX) & 0xFF).isEqualTo(reached ? 0x55 : 0xFF);
  }

  @Test
  void aBitmapThatIsClearAllows() {
    run(0x68, 0xFE, 2);
    assertReached(true);
  }

  @Test
  void aBitThatIsSetRefuses() {
    run(0x68, 0x01, 2);
    assertReached(false);
  }

  @Test
  void aBitmapBeyondTheLimitRefuses() {
    run(0x89, 0, 2);
    assertReached(false);
  }

  @Test
  void ioplAllows() {
    run(0x89, 0, 0x3002);
    assertReached(true);
  }
}
