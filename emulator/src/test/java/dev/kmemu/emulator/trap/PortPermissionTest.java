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
  }

  private void assertReached() {
    assertThat(guest.runToHandler()).isEqualTo(6);
    assertThat(written).isEqualTo(List.of(0x80));
    assertThat(guest.get(Register.RAX) & 0xFF).isEqualTo(0x55);
  }

  private void assertRefused() {
    assertRefused(GuestKernel.USER_CODE);
  }

  private void assertRefused(long rip) {
    assertThat(guest.runToHandler()).isEqualTo(13);
    assertThat(written).isEmpty();
    assertThat(guest.load(guest.get(Register.RSP))).as("error code").isZero();
    assertThat(guest.load(guest.get(Register.RSP) + 8)).as("RIP").isEqualTo(rip);
  }

  @Test
  void aBitmapThatIsClearAllows() {
    run(0x68, 0xFE, 2);
    assertReached();
  }

  @Test
  void aBitThatIsSetRefuses() {
    run(0x68, 0x01, 2);
    assertRefused();
  }

  @Test
  void aBitmapBeyondTheLimitRefuses() {
    run(0x89, 0, 2);
    assertRefused();
  }

  @Test
  void ioplAllows() {
    run(0x89, 0, 0x3002);
    assertReached();
  }

  @Test
  void aRefusedReadFaultsWithTheRegistersBefore() {
    guest.userMode("83c301 f9 ec"); // add ebx, 1; stc; in al, dx
    guest.set(Register.RAX, 0x77);
    guest.set(Register.RDX, 0x3F8);
    guest.set(Register.RFLAGS, 2);
    assertRefused(GuestKernel.USER_CODE + 4);
    assertThat(guest.get(Register.RAX)).isEqualTo(0x77);
    assertThat(guest.load(guest.get(Register.RSP) + 24) & 1).as("CF").isEqualTo(1);
  }

  @Test
  void aRefusedStringFaultsAtItsFirstElement() {
    guest.userMode("f36e"); // rep outsb
    guest.set(Register.RCX, 3);
    guest.set(Register.RSI, GuestKernel.DATA);
    guest.set(Register.RDX, 0x3F8);
    guest.set(Register.RFLAGS, 2);
    assertRefused(GuestKernel.USER_CODE);
    assertThat(guest.get(Register.RCX)).isEqualTo(3);
    assertThat(guest.get(Register.RSI)).isEqualTo(GuestKernel.DATA);
  }
}
