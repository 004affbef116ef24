package dev.kmemu.cli.report;

import dev.kmemu.emulator.boot.LoadedPart;
import dev.kmemu.emulator.machine.GuestOutcome;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.pc.Standstill;
import java.util.Locale;

/** A boot as programs read it; the rules are those of {@link JsonReport}. */
public final class BootJson {

  private BootJson() {}

  /** Returns one JSON object, ended by a line feed. */
  public static String of(BootReport report) {
    JsonWriter json = new JsonWriter();
    json.beginObject();
    json.name("image").text(report.image());
    json.name("format").text(report.format());
    json.name("ram").hex(report.ramBytes());
    json.name("entry").hex(report.entry().value());
    json.name("parts").beginArray();
    for (LoadedPart part : report.parts()) {
      json.beginObject();
      json.name("what").text(part.what());
      json.name("start").hex(part.start().value());
      json.name("bytes").hex(part.bytes());
      json.endObject();
    }
    json.endArray();
    json.name("outcome").text(report.outcomeName());
    json.name("exit_status").number(report.exitStatus());
    if (report.outcome() instanceof GuestOutcome.Exited exited) {
      json.name("exit_value").number(exited.value());
    }
    if (!report.crash().isEmpty()) {
      json.name("crash").text(report.crash());
      json.name("attempts").beginArray();
      report.attempts().forEach(json::text);
      json.endArray();
    }
    json.name("milliseconds").number(report.took().toMillis());
    if (!report.isKilled()) {
      json.name("guest_nanoseconds").number(report.guestNanos());
      json.name("port_accesses").number(report.portAccesses());
      json.name("interrupts").number(report.interrupts());
      report.instructions().ifPresent(count -> json.name("instructions").number(count));
      json.name("rip").hex(report.rip().value());
    }
    if (!report.stateHash().isEmpty()) {
      json.name("state_hash").text(report.stateHash());
    }
    report.standstill().ifPresent(where -> write(json, where));
    if (!report.untaken().isEmpty()) {
      json.name("untaken_output").beginArray();
      report.untaken().forEach(json::text);
      json.endArray();
    }
    report.profile().ifPresent(profile -> write(json, profile));
    json.endObject();
    return json.finish();
  }

  private static void write(JsonWriter json, ProfileReport profile) {
    json.name("profile").beginObject();
    json.name("exits").beginArray();
    for (ProfileReport.Exits line : profile.exits()) {
      json.beginObject();
      json.name("kind").text(line.kind().name().toLowerCase(Locale.ROOT));
      json.name("count").number(line.share().count());
      json.name("nanoseconds").number(line.share().nanos());
      json.endObject();
    }
    json.endArray();
    json.name("asleep_nanoseconds").number(profile.asleepNanos());
    json.name("guest_nanoseconds").number(profile.guestNanos());
    json.endObject();
  }

  private static void write(JsonWriter json, Standstill where) {
    json.name("standstill").beginObject();
    json.name("rip").hex(where.rip().value());
    json.name("mode").text(where.mode());
    json.name("rflags").hex(where.rflags());
    json.name("halted").text(Boolean.toString(where.halted()));
    json.name("visited").beginArray();
    for (VirtualAddress address : where.visited()) {
      json.hex(address.value());
    }
    json.endArray();
    json.name("irr").hex(where.requested());
    json.name("isr").hex(where.inService());
    json.name("imr").hex(where.masked());
    if (!where.apic().isEmpty()) {
      json.name("local_apic").text(where.apic());
    }
    json.name("last_exits").beginArray();
    where.exits().forEach(exit -> json.text(exit.toString()));
    json.endArray();
    json.endObject();
  }
}
