package dev.kmemu.emulator.unicorn;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Does what the library's helpers leave out: mostly to raise #GP.
 *
 * <p>Translated code calls a function of the library for whatever is rare. Machine code of our own
 * in front of some of them looks at the operands first, and leaves translated code as the library's
 * own exceptions do, with the state whole and RIP at the instruction. What isn't rare goes through
 * no code that it didn't go through before.
 */
final class GuardedHelpers {

  /** In place of an error code: the model refuses the port that is being accessed. */
  static final int PORT_REFUSED = 0x504F_5254;

  /** The error code of a near branch to an address that isn't canonical. */
  static final int BRANCH_REFUSED = 0x4E43_0000;

  private static final String SUFFIX = "_x86_64";
  private static final String[] PORTS = {"inb", "inw", "inl", "outb", "outw", "outl"};
  private static final int STUB_BYTES = 0x100;
  private static final int STUBS = 16;

  /** What XSETBV may enable: x87, SSE, PKRU. */
  private static final int XCR0_KNOWN = 0x203;

  // cmp [rdi+0x188], edx: the limit of the GDT
  private static final int[] GDT_LIMIT = {0x39, 0x97, 0x88, 0x01, 0x00, 0x00};
  // push r12; push rbp; mov rbp, rdi; push rbx
  private static final int[] LOOKUP = {0x41, 0x54, 0x55, 0x48, 0x89, 0xFD, 0x53};

  private final NativeLibrary library;
  private final long raise;
  private final ByteBuffer code =
      ByteBuffer.allocate(STUBS * STUB_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  private GuardedHelpers(NativeLibrary library) {
    this.library = library;
    this.raise = function("raise_exception_err_ra");
  }

  /**
   * Guards the helpers of all CPUs that are created afterwards. Not while the library runs.
   *
   * @return false when the library isn't built as expected, and was left alone
   */
  static boolean install(NativeLibrary library, ProbeResult probe) {
    try {
      if (!CodePattern.isIn(library, "helper_ltr" + SUFFIX, 256, GDT_LIMIT)
          || !CodePattern.isIn(library, "helper_lookup_tb_ptr" + SUFFIX, 16, LOOKUP)) {
        return false;
      }
      ContextLayout layout = probe.layout();
      new GuardedHelpers(library)
          .install(layout.errorCode() - layout.registers(), probe.live().registers());
      return true;
    } catch (UnsatisfiedLinkError | UnicornException e) {
      return false;
    }
  }

  private void install(int errorCode, int registers) {
    String[] helpers = new String[STUBS];
    int count = 0;
    for (String port : PORTS) {
      helpers[count] = "helper_" + port;
      at(count);
      port(function(helpers[count++]), errorCode);
    }
    helpers[count] = "helper_write_crN";
    at(count);
    moveToCr3(function(helpers[count++]));
    helpers[count] = "helper_xsetbv";
    at(count);
    xsetbv(function(helpers[count++]));
    helpers[count] = "helper_sysret";
    at(count);
    sysret(function(helpers[count++]));
    helpers[count] = "helper_ltr";
    at(count);
    loadSystemSegment(function(helpers[count++]), false);
    helpers[count] = "helper_lldt";
    at(count);
    loadSystemSegment(function(helpers[count++]), true);
    helpers[count] = "helper_sysenter";
    at(count);
    sysenter(function(helpers[count++]), registers);
    at(count);
    findBranchTarget(function("tb_htable_lookup"));
    long address = new ExecutableCode(code.array()).address();
    for (int i = 0; i < count; i++) {
      ImportSlots.redirectHelper(function(helpers[i]), address + (long) i * STUB_BYTES);
    }
    ImportSlots.redirect(function("tb_htable_lookup"), address + (long) count * STUB_BYTES);
  }

  private long function(String name) {
    return Pointer.nativeValue(library.getFunction(name + SUFFIX));
  }

  private void at(int stub) {
    code.position(stub * STUB_BYTES);
  }

  /** Behind IN and OUT: whether the hook has refused (SDM vol. 1, 18.5). */
  private void port(long helper, int errorCode) {
    put(0x57); // push rdi
    call(helper);
    put(0x5F); // pop rdi
    put(0x81, 0xBF).putInt(errorCode).putInt(PORT_REFUSED); // cmp dword [rdi+ERROR], REFUSED
    put(0x74, 0x01); // je .+1
    put(0xC3); // ret
    put(0x31, 0xD2); // xor edx, edx
    raiseGeneralProtection();
  }

  /** The CPU has 40 bits of physical addresses (SDM vol. 3A, 4.5). */
  private void moveToCr3(long helper) {
    put(0x83, 0xFE, 0x03); // cmp esi, 3
    put(0x75, 0x09); // jne .+9
    put(0x48, 0x89, 0xD0); // mov rax, rdx
    put(0x48, 0xC1, 0xE8, 0x28); // shr rax, 40
    put(0x75, 0x0C); // jne .+12
    jump(helper);
    put(0x31, 0xD2); // xor edx, edx
    raiseGeneralProtection();
  }

  /** The library knows more states than CPUID tells; none at all is refused by itself. */
  private void xsetbv(long helper) {
    put(0x48, 0x89, 0xD0); // mov rax, rdx
    put(0x48, 0x25).putInt(~XCR0_KNOWN); // and rax, ~KNOWN
    put(0x74, 0x02); // je .+2
    put(0x31, 0xD2); // xor edx, edx
    jump(helper);
  }

  /** SYSRET with REX.W goes to RCX (SDM vol. 2B). */
  private void sysret(long helper) {
    put(0x83, 0xFE, 0x02); // cmp esi, 2
    put(0x75, 0x11); // jne .+17
    put(0x48, 0x8B, 0x47, 0x08); // mov rax, [rdi+8]
    canonical();
    put(0x77, 0x0C); // ja .+12
    jump(helper);
    put(0x31, 0xD2); // xor edx, edx
    raiseGeneralProtection();
  }

  /** The library doesn't bring RIP up to date for SYSENTER, which itself has no use for it. */
  private void sysenter(long helper, int registers) {
    put(0x57, 0x56); // push rdi; push rsi
    put(0x48, 0x83, 0xEC, 0x08); // sub rsp, 8
    put(0x48, 0x8B, 0x74, 0x24, 0x18); // mov rsi, [rsp+24]
    put(0x48, 0x81, 0xEF).putInt(registers); // sub rdi, REGISTERS
    put(0xBA).putInt(1); // mov edx, 1
    call(function("cpu_restore_state"));
    put(0x48, 0x83, 0xC4, 0x08); // add rsp, 8
    put(0x5E, 0x5F); // pop rsi; pop rdi
    jump(helper);
  }

  /** The base must be canonical, and TR can't be null (SDM vol. 2A, LLDT, LTR). */
  private void loadSystemSegment(long helper, boolean canBeNull) {
    put(0xF7, 0xC6).putInt(0xFFFC); // test esi, 0xfffc
    put(0x74, canBeNull ? 0x73 : 0x56); // je REAL, or REFUSE
    put(0xF6, 0x87).putInt(0xB1).put((byte) 0x40); // test byte [rdi+HFLAGS+1], LMA
    put(0x74, 0x6A); // je REAL
    put(0xF7, 0xC6).putInt(4); // test esi, TI
    put(0x75, 0x62); // jne REAL
    put(0x89, 0xF0); // mov eax, esi
    put(0x25).putInt(0xFFF8); // and eax, 0xfff8
    put(0x8D, 0x50, 0x0F); // lea edx, [rax+15]
    put(0x3B, 0x97).putInt(0x188); // cmp edx, [rdi+GDT_LIMIT]
    put(0x77, 0x50); // ja REAL
    put(0x57, 0x56); // push rdi; push rsi
    put(0x48, 0x83, 0xEC, 0x08); // sub rsp, 8
    put(0x48, 0x8B, 0x54, 0x24, 0x18); // mov rdx, [rsp+24]
    put(0x48, 0x8B, 0xB7).putInt(0x180); // mov rsi, [rdi+GDT_BASE]
    put(0x48, 0x8D, 0x74, 0x06, 0x08); // lea rsi, [rsi+rax+8]
    call(function("cpu_ldl_data_ra"));
    put(0x48, 0x83, 0xC4, 0x08); // add rsp, 8
    put(0x5E, 0x5F); // pop rsi; pop rdi
    put(0xC1, 0xF8, 0x0F); // sar eax, 15
    put(0xFF, 0xC0); // inc eax
    put(0x83, 0xF8, 0x01); // cmp eax, 1
    put(0x76, 0x1D); // jbe REAL
    put(0x89, 0xF2); // REFUSE: mov edx, esi
    put(0x81, 0xE2).putInt(0xFFFC); // and edx, 0xfffc
    raiseGeneralProtection();
    jump(helper); // REAL
  }

  /**
   * Where an indirect near branch looks for the code that it goes to. The helper that calls this
   * keeps the CPU's state in RBP, and its own return address behind three registers.
   */
  private void findBranchTarget(long lookup) {
    put(0x48, 0x89, 0xF0); // mov rax, rsi
    canonical();
    put(0x76, 0x38); // jbe REAL
    put(0x48, 0xB8).putLong(function("helper_lookup_tb_ptr")); // mov rax, HELPER
    put(0x4C, 0x8B, 0x0C, 0x24); // mov r9, [rsp]
    put(0x49, 0x29, 0xC1); // sub r9, rax
    put(0x49, 0x81, 0xF9).putInt(0x200); // cmp r9, 0x200
    put(0x73, 0x1E); // jae REAL
    put(0x48, 0x89, 0xEF); // mov rdi, rbp
    put(0xBE).putInt(13); // mov esi, 13
    put(0xBA).putInt(BRANCH_REFUSED); // mov edx, REFUSED
    put(0x48, 0x8B, 0x4C, 0x24, 0x20); // mov rcx, [rsp+32]
    jump(raise);
    jump(lookup); // REAL
  }

  /** Compares so that "above" means that RAX isn't canonical. */
  private void canonical() {
    put(0x48, 0xC1, 0xF8, 0x2F); // sar rax, 47
    put(0x48, 0xFF, 0xC0); // inc rax
    put(0x48, 0x83, 0xF8, 0x01); // cmp rax, 1
  }

  /** With the CPU's state in RDI and the error code in EDX, as the helper's caller. */
  private void raiseGeneralProtection() {
    put(0xBE).putInt(13); // mov esi, 13
    put(0x48, 0x8B, 0x0C, 0x24); // mov rcx, [rsp]
    jump(raise);
  }

  private void call(long target) {
    put(0x48, 0xB8).putLong(target); // mov rax, TARGET
    put(0xFF, 0xD0); // call rax
  }

  private void jump(long target) {
    put(0x48, 0xB8).putLong(target); // mov rax, TARGET
    put(0xFF, 0xE0); // jmp rax
  }

  private ByteBuffer put(int... bytes) {
    return code.put(ExecutableCode.bytes(bytes));
  }
}
