package dev.kmemu.campaign.report.html;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** What is data stays data. */
class HtmlTest {

  @Test
  void textAndAttributesCannotBecomeMarkup() {
    Html html = new Html();
    html.leaf("p", "<script>alert('1')</script> & \"more\"", "title", "\"><b onclick='x'>&amp;");

    assertThat(html.finish())
        .isEqualTo(
            "<!DOCTYPE html>\n"
                + "<p title=\"&quot;&gt;&lt;b onclick=&#39;x&#39;&gt;&amp;amp;\">"
                + "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;more&quot;</p>\n");
  }

  @Test
  void charactersThatHtmlDoesNotKnowAreReplaced() {
    String text = new Html().text("a\u0000b\u001bc\uD800d\uFFFFe\r\n\tf").finish();

    assertThat(text).endsWith("a\uFFFDb\uFFFDc\uFFFDd\uFFFDe\uFFFD\n\tf");
  }

  @Test
  void charactersBeyondTheBasicPlaneAreKept() {
    assertThat(new Html().text("\uD83D\uDC1B").finish()).endsWith("\uD83D\uDC1B");
  }

  @Property(tries = 300)
  void noTextWhateverItIsHasACharacterOfMarkup(@ForAll String text) {
    String written = new Html().text(text).finish().substring("<!DOCTYPE html>\n".length());

    assertThat(written).doesNotContain("<", ">", "\"", "'");
    assertThat(written.replaceAll("&(amp|lt|gt|quot|#39);", "")).doesNotContain("&");
  }

  @Test
  void aStyleSheetThatWouldEndEarlyIsRefused() {
    assertThatThrownBy(() -> new Html().raw("style", "a{}</style>"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("style");
  }

  @Test
  void anElementThatIsLeftOpenIsAnError() {
    assertThatThrownBy(() -> new Html().open("main").finish())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("main");
  }
}
