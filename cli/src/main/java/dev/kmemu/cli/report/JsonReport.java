package dev.kmemu.cli.report;

import dev.kmemu.vm.fault.FaultHistory;
import dev.kmemu.vm.report.MapEntryReport;
import dev.kmemu.vm.report.WiredPageReport;
import java.util.Locale;

/**
 * The report as programs read it: addresses, sizes and masks are hex strings, counts are numbers.
 */
public final class JsonReport {

  private JsonReport() {}

  /** Returns one JSON object, ended by a line feed. */
  public static String of(RunReport report) {
    JsonWriter json = new JsonWriter();
    json.beginObject();
    json.name("kvm_size").hex(report.kvmSize());
    json.name("kvm_free").hex(report.kvmFree());
    json.name("entries").beginArray();
    for (MapEntryReport entry : report.entries()) {
      json.beginObject();
      json.name("start").hex(entry.start().value());
      json.name("end").hex(entry.end().value());
      json.name("type").text(entry.type().toString().toLowerCase(Locale.ROOT));
      json.name("object").text(entry.object());
      json.name("offset").hex(entry.offset());
      json.name("wired").number(entry.wiredCount());
      json.name("eflags").hex(entry.eflags());
      json.endObject();
    }
    json.endArray();
    json.name("wired").beginArray();
    for (WiredPageReport page : report.wired()) {
      json.beginObject();
      json.name("kva").hex(page.kva().value());
      json.name("pa").hex(page.pa().value());
      json.name("object").text(page.object());
      json.name("pindex").hex(page.pindex());
      json.name("wire_count").number(page.wireCount());
      json.endObject();
    }
    json.endArray();
    json.name("faults").beginArray();
    for (FaultHistory.Fault fault : report.faults()) {
      json.beginObject();
      json.name("va").hex(fault.va());
      json.name("error_code").hex(fault.errorCode());
      json.name("rip").hex(fault.rip());
      json.name("outcome").text(RunReport.outcomeName(fault));
      json.endObject();
    }
    json.endArray();
    json.name("counters").beginObject();
    json.name("page_faults").number(report.faultsSeen());
    report.counters().forEach((name, value) -> json.name(name).number(value));
    json.endObject();
    json.endObject();
    return json.finish();
  }
}
