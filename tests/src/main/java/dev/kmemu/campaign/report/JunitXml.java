package dev.kmemu.campaign.report;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.drive.CampaignPlan;
import dev.kmemu.campaign.drive.CampaignState;
import dev.kmemu.campaign.drive.CampaignTotals;
import dev.kmemu.campaign.drive.FailureGroup;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * A campaign as a JUnit XML report: a test case for all runs, which passes, and one for each group
 * of failures.
 */
public final class JunitXml {

  private JunitXml() {}

  /** Returns the report. */
  public static String of(CampaignState state) {
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(text);
      xml.writeStartDocument("UTF-8", "1.0");
      write(xml, state);
      xml.writeEndDocument();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException(e);
    }
    return text.append('\n').toString();
  }

  private static void write(XMLStreamWriter xml, CampaignState state) throws XMLStreamException {
    CampaignPlan plan = state.plan();
    CampaignTotals totals = state.totals();
    List<FailureGroup> groups = state.groups();
    String name = "campaign." + plan.suite().name();
    String seconds = String.format(Locale.ROOT, "%.3f", totals.millis() / 1000.0);
    line(xml, "");
    xml.writeStartElement("testsuite");
    xml.writeAttribute("name", name);
    xml.writeAttribute("tests", Integer.toString(groups.size() + 1));
    xml.writeAttribute("failures", Integer.toString(groups.size()));
    xml.writeAttribute("errors", "0");
    xml.writeAttribute("skipped", "0");
    xml.writeAttribute("time", seconds);
    line(xml, "  ");
    xml.writeEmptyElement("testcase");
    xml.writeAttribute("classname", name);
    xml.writeAttribute(
        "name",
        String.format(
            "%d runs of %d steps, seed %d, pmap %s",
            totals.runs(), plan.steps(), plan.seed(), plan.pmap().className()));
    xml.writeAttribute("time", seconds);
    for (FailureGroup group : groups) {
      writeGroup(xml, name, group);
    }
    line(xml, "");
    xml.writeEndElement();
  }

  private static void writeGroup(XMLStreamWriter xml, String name, FailureGroup group)
      throws XMLStreamException {
    Failure failure = group.first().failure();
    line(xml, "  ");
    xml.writeStartElement("testcase");
    xml.writeAttribute("classname", name);
    xml.writeAttribute("name", failure.kind() + " (" + group.count() + " runs)");
    xml.writeAttribute("time", "0");
    line(xml, "    ");
    xml.writeStartElement("failure");
    xml.writeAttribute("type", failure.check());
    xml.writeAttribute("message", failure.toString());
    xml.writeCharacters(printable(group.first().script().toString()));
    xml.writeCharacters(printable(String.join("\n", failure.details())));
    xml.writeEndElement();
    line(xml, "  ");
    xml.writeEndElement();
  }

  private static void line(XMLStreamWriter xml, String indent) throws XMLStreamException {
    xml.writeCharacters("\n" + indent);
  }

  /** XML 1.0 knows no other control characters. */
  private static String printable(String text) {
    return text.replaceAll("[\\p{Cntrl}&&[^\\n\\t]]", "?");
  }
}
