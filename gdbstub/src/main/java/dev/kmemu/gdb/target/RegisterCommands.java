package dev.kmemu.gdb.target;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.gdb.packet.ErrorCode;
import dev.kmemu.gdb.packet.RegisterPacket;
import dev.kmemu.gdb.packet.Reply;
import dev.kmemu.gdb.packet.StopReply.Expedited;
import dev.kmemu.gdb.wire.PayloadBuilder;
import java.util.Arrays;
import java.util.List;

/** Answers g, G, p and P. A register that the CPU lacks reads as {@code x} and can't be written. */
public final class RegisterCommands {

  /** What a debugger asks for after every stop. */
  private static final List<Register> EXPEDITED = List.of(Register.RBP, Register.RSP, Register.RIP);

  private static final int WIDEST = 32;

  private final DebugTarget target;
  private final RegisterLayout layout;
  private final int[] expeditedNumbers;
  private final byte[] scratch = new byte[WIDEST];

  /** What the CPU has of the g packet's registers, and their values. */
  private final Register[] general;

  private final byte[] generalValues;

  /** Creates the commands for the registers of {@code layout}. */
  public RegisterCommands(DebugTarget target, RegisterLayout layout) {
    this.target = target;
    this.layout = layout;
    this.expeditedNumbers = EXPEDITED.stream().mapToInt(layout::numberOf).toArray();
    this.general =
        layout.slots().stream()
            .limit(layout.generalSlots())
            .map(RegisterSlot::register)
            .filter(target::has)
            .toArray(Register[]::new);
    this.generalValues = new byte[Arrays.stream(general).mapToInt(Register::bytes).sum()];
  }

  /** Answers a packet; needs a paused CPU. */
  public Reply answer(RegisterPacket packet) {
    if (packet instanceof RegisterPacket.ReadAll) {
      return readAll();
    } else if (packet instanceof RegisterPacket.WriteAll all) {
      return writeAll(all.values());
    } else if (packet instanceof RegisterPacket.Read one) {
      return read(one.number());
    } else if (packet instanceof RegisterPacket.Write one) {
      return write(one.number(), one.value());
    }
    return new Reply.Unsupported();
  }

  /** Returns the registers that a stop reply carries. */
  List<Expedited> expedited() {
    Expedited[] registers = new Expedited[EXPEDITED.size()];
    for (int i = 0; i < registers.length; i++) {
      registers[i] = new Expedited(expeditedNumbers[i], value(EXPEDITED.get(i)));
    }
    return List.of(registers);
  }

  /** Returns RIP; needs a paused CPU. */
  public VirtualAddress rip() {
    return new VirtualAddress(value(Register.RIP));
  }

  /** Sets RIP; needs a paused CPU. */
  public void jump(VirtualAddress address) {
    for (int i = 0; i < Long.BYTES; i++) {
      scratch[i] = (byte) (address.value() >>> (i * Byte.SIZE));
    }
    target.writeRegister(Register.RIP, scratch, 0);
  }

  private long value(Register register) {
    target.readRegister(register, scratch, 0);
    long value = 0;
    for (int i = Long.BYTES - 1; i >= 0; i--) {
      value = value << Byte.SIZE | (scratch[i] & 0xff);
    }
    return value;
  }

  /** The debugger asks for the others one by one: it wants them less often than it stops. */
  private Reply readAll() {
    target.readRegisters(general, generalValues);
    PayloadBuilder values = new PayloadBuilder(2 * layout.generalBytes());
    int offset = 0;
    int next = 0;
    for (int number = 0; number < layout.generalSlots(); number++) {
      RegisterSlot slot = layout.slots().get(number);
      if (next < general.length && general[next] == slot.register()) {
        append(values, slot, generalValues, offset);
        offset += general[next++].bytes();
      } else {
        values.fill('x', 2 * slot.bytes());
      }
    }
    return new Reply.Data(values.build());
  }

  private Reply read(int number) {
    if (number >= layout.slots().size()) {
      return unknown(number);
    }
    RegisterSlot slot = layout.slots().get(number);
    PayloadBuilder value = new PayloadBuilder(2 * slot.bytes());
    append(value, slot);
    return new Reply.Data(value.build());
  }

  /** A debugger may leave out the last registers. */
  private Reply writeAll(byte[] values) {
    int end = 0;
    int count = 0;
    while (count < layout.slots().size() && end < values.length) {
      end += layout.slots().get(count++).bytes();
    }
    if (end != values.length) {
      return invalid(
          "G: " + values.length + " bytes don't end where a register ends; follow target.xml");
    }
    List<RegisterSlot> slots = layout.slots().subList(0, count);
    int position = 0;
    for (RegisterSlot slot : slots) {
      if (!slot.holds(values, position)) {
        return tooWide(slot);
      }
      position += slot.bytes();
    }
    position = 0;
    for (RegisterSlot slot : slots) {
      if (target.has(slot.register())) {
        put(slot, values, position);
      }
      position += slot.bytes();
    }
    return new Reply.Ok();
  }

  private Reply write(int number, byte[] value) {
    if (number >= layout.slots().size()) {
      return unknown(number);
    }
    RegisterSlot slot = layout.slots().get(number);
    if (value.length != slot.bytes()) {
      return invalid(
          slot.name()
              + " has "
              + slot.bytes()
              + " bytes, not "
              + value.length
              + "; see target.xml");
    }
    if (!target.has(slot.register())) {
      return invalid("this CPU has no " + slot.name());
    }
    if (!slot.holds(value, 0)) {
      return tooWide(slot);
    }
    put(slot, value, 0);
    return new Reply.Ok();
  }

  private void append(PayloadBuilder values, RegisterSlot slot) {
    if (!target.has(slot.register())) {
      values.fill('x', 2 * slot.bytes());
      return;
    }
    target.readRegister(slot.register(), scratch, 0);
    append(values, slot, scratch, 0);
  }

  /** Appends the slot's part of the register whose value stands at {@code offset}. */
  private static void append(PayloadBuilder values, RegisterSlot slot, byte[] source, int offset) {
    values
        .hex(source, offset + slot.from(), slot.held())
        .fill('0', 2 * (slot.bytes() - slot.held()));
  }

  /** Keeps the bytes of the register that don't belong to the slot. */
  private void put(RegisterSlot slot, byte[] source, int offset) {
    if (slot.held() < slot.register().bytes()) {
      target.readRegister(slot.register(), scratch, 0);
    }
    System.arraycopy(source, offset, scratch, slot.from(), slot.held());
    target.writeRegister(slot.register(), scratch, 0);
  }

  private static Reply tooWide(RegisterSlot slot) {
    return invalid(slot.name() + " has " + slot.held() * Byte.SIZE + " bits; the rest must be 0");
  }

  private Reply unknown(int number) {
    return invalid("no register " + number + "; the last is " + (layout.slots().size() - 1));
  }

  private static Reply invalid(String reason) {
    return new Reply.Failure(ErrorCode.INVALID, reason);
  }
}
