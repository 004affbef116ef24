package dev.kmemu.gdb.target;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.gdb.packet.ErrorCode;
import dev.kmemu.gdb.packet.RegisterPacket;
import dev.kmemu.gdb.packet.Reply;
import dev.kmemu.gdb.packet.StopReply.Expedited;
import dev.kmemu.gdb.wire.Hex;
import java.util.ArrayList;
import java.util.List;

/** Answers g, G, p and P. A register that the CPU lacks reads as {@code x} and can't be written. */
public final class RegisterCommands {

  /** What a debugger asks for after every stop. */
  private static final List<Register> EXPEDITED = List.of(Register.RBP, Register.RSP, Register.RIP);

  private static final int WIDEST = 32;

  private final DebugTarget target;
  private final RegisterLayout layout;
  private final byte[] scratch = new byte[WIDEST];

  /** Creates the commands for the registers that {@code target} has now. */
  public RegisterCommands(DebugTarget target) {
    this.target = target;
    this.layout = RegisterLayout.of(target);
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
    List<Expedited> registers = new ArrayList<>();
    for (Register register : EXPEDITED) {
      int number = layout.numberOf(register);
      StringBuilder value = new StringBuilder();
      append(value, layout.slots().get(number));
      registers.add(new Expedited(number, value.toString()));
    }
    return registers;
  }

  private Reply readAll() {
    StringBuilder values = new StringBuilder();
    for (RegisterSlot slot : layout.slots()) {
      append(values, slot);
    }
    return new Reply.Data(values.toString());
  }

  private Reply read(int number) {
    if (number >= layout.slots().size()) {
      return unknown(number);
    }
    StringBuilder value = new StringBuilder();
    append(value, layout.slots().get(number));
    return new Reply.Data(value.toString());
  }

  /** A debugger may leave out the last registers. */
  private Reply writeAll(byte[] values) {
    int position = 0;
    for (RegisterSlot slot : layout.slots()) {
      if (values.length - position < slot.bytes()) {
        break;
      }
      if (target.has(slot.register())) {
        put(slot, values, position);
      }
      position += slot.bytes();
    }
    if (position != values.length) {
      return invalid(
          "G: " + values.length + " bytes don't end where a register ends; follow target.xml");
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
    put(slot, value, 0);
    return new Reply.Ok();
  }

  private void append(StringBuilder values, RegisterSlot slot) {
    if (!target.has(slot.register())) {
      values.append("x".repeat(2 * slot.bytes()));
      return;
    }
    target.readRegister(slot.register(), scratch, 0);
    Hex.append(values, scratch, slot.from(), slot.held());
    values.append("0".repeat(2 * (slot.bytes() - slot.held())));
  }

  /** Keeps the bytes of the register that don't belong to the slot. */
  private void put(RegisterSlot slot, byte[] source, int offset) {
    if (slot.held() < slot.register().bytes()) {
      target.readRegister(slot.register(), scratch, 0);
    }
    System.arraycopy(source, offset, scratch, slot.from(), slot.held());
    target.writeRegister(slot.register(), scratch, 0);
  }

  private Reply unknown(int number) {
    return invalid("no register " + number + "; the last is " + (layout.slots().size() - 1));
  }

  private static Reply invalid(String reason) {
    return new Reply.Failure(ErrorCode.INVALID, reason);
  }
}
