package dev.kmemu.emulator.trap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.CpuExit;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapAction;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.mmu.PagingMode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Instructions on RSI, which points to no page: the engine's error code and the corrected one. */
class PageFaultErrorCodeTest {

  private final GuestKernel guest = new GuestKernel();
  private final PageFaultErrorCode corrector = new PageFaultErrorCode(guest.ram);
  private int raw = -1;
  private int corrected = -1;

  @AfterEach
  void close() {
    guest.close();
  }

  private void fault(long at, String code) {
    guest.code(at, code);
    guest.set(Register.RIP, at);
    guest.set(Register.RSI, GuestKernel.UNMAPPED + 0x100);
    guest.set(Register.RDI, GuestKernel.DATA);
    guest.set(Register.RCX, 1);
    guest.cpu.setTrapHandler(
        frame -> {
          assertThat(frame.vector()).isEqualTo(TrapFrame.PAGE_FAULT);
          raw = frame.errorCode();
          corrected = corrector.of(frame, mode());
          return TrapAction.END;
        });
    assertThat(guest.cpu.run()).isEqualTo(CpuExit.HandlerEnded.INSTANCE);
  }

  private PagingMode mode() {
    return PagingMode.of(
        guest.get(Register.CR0),
        guest.get(Register.CR3),
        guest.get(Register.CR4),
        guest.get(Register.EFER),
        guest.get(Register.RFLAGS));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "000e", // add [rsi], cl
        "48010e", // add [rsi], rcx
        "f0480fc10e", // lock xadd [rsi], rcx
        "090e", // or [rsi], ecx
        "110e", // adc [rsi], ecx
        "190e", // sbb [rsi], ecx
        "66210e", // and [rsi], cx
        "290e", // sub [rsi], ecx
        "310e", // xor [rsi], ecx
        "800601", // add byte [rsi], 1
        "f083660800", // lock and dword [rsi+8], 0
        "81360000ffff", // xor dword [rsi], 0xffff0000
        "870e", // xchg [rsi], ecx
        "d106", // rol dword [rsi], 1
        "c12604", // shl dword [rsi], 4
        "d33e", // sar dword [rsi], cl
        "f716", // not dword [rsi]
        "48f71e", // neg qword [rsi]
        "fe06", // inc byte [rsi]
        "ff0e", // dec dword [rsi]
        "0fa40e03", // shld [rsi], ecx, 3
        "0fad0e", // shrd [rsi], ecx, cl
        "0fab0e", // bts [rsi], ecx
        "f00fb32e", // lock btr [rsi], ebp
        "0fba3e01", // btc dword [rsi], 1
        "f00fb10e", // lock cmpxchg [rsi], ecx
        "0fc00e", // xadd [rsi], cl
        "480fc70e" // cmpxchg16b [rsi]
      })
  void oneThatWritesBackIsAWrite(String code) {
    fault(GuestKernel.CODE, code);
    assertThat(corrected).isEqualTo(TrapFrame.PF_WRITE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "488b0e", // mov rcx, [rsi]
        "3b0e", // cmp ecx, [rsi]
        "390e", // cmp [rsi], ecx
        "030e", // add ecx, [rsi]
        "833e00", // cmp dword [rsi], 0
        "f70601000000", // test dword [rsi], 1
        "850e", // test [rsi], ecx
        "ff36", // push [rsi]
        "ff16", // call [rsi]
        "ff26", // jmp [rsi]
        "f726", // mul dword [rsi]
        "0fa30e", // bt [rsi], ecx
        "0fba2601", // bt dword [rsi], 1
        "0fb60e", // movzx ecx, byte [rsi]
        "0faf0e", // imul ecx, [rsi]
        "f3a4", // rep movsb
        "ac", // lodsb
        "0f100e" // movups xmm1, [rsi]
      })
  void oneThatOnlyReadsIsARead(String code) {
    fault(GuestKernel.CODE, code);
    assertThat(raw).isZero();
    assertThat(corrected).isZero();
  }

  @Test
  void theEngineSaysReadWhereThisCorrects() {
    fault(GuestKernel.CODE, "48010e");
    assertThat(raw).as("once this is right the correction can go").isZero();
  }

  @Test
  void aWriteStaysAWrite() {
    fault(GuestKernel.CODE, "48890e");
    assertThat(corrected).isEqualTo(raw).isEqualTo(TrapFrame.PF_WRITE);
  }

  @Test
  void anInstructionAcrossTwoPagesIsReadWhole() {
    fault(GuestKernel.CODE + 0xFFF, "48010e");
    assertThat(corrected).isEqualTo(TrapFrame.PF_WRITE);
  }

  @Test
  void aFetchWithoutNxStaysAsItIs() {
    guest.set(Register.EFER, 0x501);
    guest.code(GuestKernel.CODE, "ffe6"); // jmp rsi
    guest.set(Register.RIP, GuestKernel.CODE);
    fault(GuestKernel.CODE, "ffe6");
    assertThat(corrected).isZero();
  }
}
