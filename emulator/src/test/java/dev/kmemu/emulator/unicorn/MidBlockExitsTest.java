package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class MidBlockExitsTest {

  private static OptionalInt decode(String hex) {
    byte[] code = HexFormat.of().parseHex(hex.replace(" ", ""));
    byte[] padded = new byte[24];
    System.arraycopy(code, 0, padded, 0, code.length);
    return MidBlockExits.decode(padded);
  }

  @Test
  void theOffsetIsTheSecondDisplacement() {
    // endbr64; mov rax, [rdi+0x9970]; cmp byte [rax+0x7da], 0; je
    assertThat(decode("f30f1efa 488b8770990000 80b8da07000000 7404")).hasValue(0x7da);
  }

  @Test
  void anotherRegisterAndNoLandingPadServeAsWell() {
    // mov rdx, [rdi+0x9970]; cmp byte [rdx+0x100], 0
    assertThat(decode("488b9770990000 80ba0001000000")).hasValue(0x100);
  }

  @Test
  void anythingElseIsNotTakenForIt() {
    assertThat(decode("488b8770990000 80badA07000000")).as("other registers").isEmpty();
    assertThat(decode("488b8770990000 80b8da07000001")).as("compares with 1").isEmpty();
    assertThat(decode("488b8770990000 80b8ffffff7f00")).as("beyond any structure").isEmpty();
    assertThat(decode("5589e5")).isEmpty();
  }
}
