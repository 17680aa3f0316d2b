package io.github.microsam.weights.download;

import java.net.URI;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the headers of an HTTP answer mean for a download (RFC 9110). */
record Answer(HttpResponse<ResponseBody> response) {
  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-.*/(.*)");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

  int status() {
    return response.statusCode();
  }

  ResponseBody body() {
    return response.body();
  }

  boolean isRedirect() {
    return switch (status()) {
      case 301, 302, 303, 307, 308 -> true;
      default -> false;
    };
  }

  /** Whether the same request may succeed later. */
  boolean isTransient() {
    return switch (status()) {
      case 408, 425, 429, 500, 502, 503, 504 -> true;
      default -> false;
    };
  }

  Optional<String> header(String name) {
    return response.headers().firstValue(name);
  }

  /** Where a redirect leads, resolved against the address that was asked. */
  Optional<URI> location() {
    try {
      return header("Location").map(response.uri()::resolve);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** First byte of a partial answer; -1 if the server does not say. */
  long rangeStart() {
    Matcher m = CONTENT_RANGE.matcher(header("Content-Range").orElse(""));
    return m.matches() ? Long.parseLong(m.group(1)) : -1;
  }

  /** Size of the whole file, if this answer begins at the given byte. */
  OptionalLong total(long start) {
    Matcher range = CONTENT_RANGE.matcher(header("Content-Range").orElse(""));
    if (status() == 206 && range.matches() && NUMBER.matcher(range.group(2)).matches()) {
      return OptionalLong.of(Long.parseLong(range.group(2)));
    }
    String length = header("Content-Length").orElse("").strip();
    return NUMBER.matcher(length).matches()
        ? OptionalLong.of(start + Long.parseLong(length))
        : OptionalLong.empty();
  }

  /** What a later request can name to continue this very file: a strong ETag, else the date. */
  Optional<String> validator() {
    return header("ETag").filter(tag -> !tag.startsWith("W/")).or(() -> header("Last-Modified"));
  }

  /** The wait that {@code Retry-After} asks for, in seconds or as a date. */
  Optional<Duration> retryAfter() {
    return header("Retry-After").map(String::strip).flatMap(Answer::wait);
  }

  private static Optional<Duration> wait(String value) {
    if (NUMBER.matcher(value).matches()) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
    }
    try {
      Instant date = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration wait = Duration.between(Instant.now(), date);
      return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
