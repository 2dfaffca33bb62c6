package sluice.examples;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Counts, and remembers: the number lives in keyed state, so that a run from a savepoint goes on where the former one
 * stopped. Two gauges of the operator `count` tell it: `counter`, and `startedFrom`, what the number was when this
 * run began. Once a second's worth of counting it is also a line on the TaskManager's standard output.
 *
 * <p>Arguments, each `--name value`, all optional:
 *
 * <pre>
 *   --name orders-counter   the name of the job (counter-job)
 *   --rate 10               counted per second by each source task (10)
 *   --step 1                what one tick adds; another step makes another release of the job (1)
 *   --interval 2000         milliseconds between checkpoints, 0 for none (2000)
 *   --break-when /path      throw as soon as this file exists; its text is the message
 *   --break now             throw at the first record
 *   --restarts none         a failure ends the job, instead of what the cluster does by default
 * </pre>
 *
 * <p>Uses only what is in Flink 1.16 to 2.x alike: no `open`, whose parameter changed, and no SourceFunction.
 */
public final class CounterJob {
    private CounterJob() {}

    public static void main(String[] args) throws Exception {
        Map<String, String> options = options(args);
        String name = options.getOrDefault("name", "counter-job");
        long rate = number(options, "rate", 10, 1);
        long interval = number(options, "interval", 2000, 0);

        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(config(options));
        if (interval > 0) env.enableCheckpointing(interval);

        env.fromSource(new NumberSequenceSource(0, Long.MAX_VALUE - 1), WatermarkStrategy.noWatermarks(), "ticks")
                .uid("ticks")
                .map(new Throttle(rate))
                .uid("throttle")
                .name("throttle")
                .keyBy(new OneKey())
                .process(new Count(name, rate, number(options, "step", 1, 1), breakage(options)))
                .uid("count")
                .name("count")
                .setParallelism(1)
                .print()
                .uid("print")
                .name("print")
                .setParallelism(1);
        env.execute(name);
    }

    private static Configuration config(Map<String, String> options) {
        Configuration config = new Configuration();
        String restarts = options.get("restarts");
        if (restarts != null) {
            // The key's name moved in 1.18; each version ignores the other one.
            config.setString("restart-strategy", restarts);
            config.setString("restart-strategy.type", restarts);
        }
        return config;
    }

    private static Breakage breakage(Map<String, String> options) {
        return new Breakage(options.get("break-when"), "now".equals(options.get("break")));
    }

    private static Map<String, String> options(String[] args) {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i < args.length; i += 2) {
            if (!args[i].startsWith("--") || i + 1 == args.length) {
                throw new IllegalArgumentException("expected --name value, got " + args[i]);
            }
            options.put(args[i].substring(2), args[i + 1]);
        }
        return options;
    }

    private static long number(Map<String, String> options, String name, long otherwise, long atLeast) {
        String text = options.get(name);
        if (text == null) return otherwise;
        if (!text.matches("\\d{1,9}") || Long.parseLong(text) < atLeast) {
            throw new IllegalArgumentException("--" + name + " must be a number from " + atLeast + ", got " + text);
        }
        return Long.parseLong(text);
    }

    /** Lets `rate` records a second through; sleeping holds the source back as well. */
    static final class Throttle implements MapFunction<Long, Long> {
        private static final long serialVersionUID = 1L;
        private final long pause;

        Throttle(long rate) {
            pause = Math.max(1, 1000 / rate);
        }

        @Override
        public Long map(Long tick) throws InterruptedException {
            Thread.sleep(pause);
            return tick;
        }
    }

    static final class OneKey implements KeySelector<Long, Integer> {
        private static final long serialVersionUID = 1L;

        @Override
        public Integer getKey(Long tick) {
            return 0;
        }
    }

    /** Breaks the job when told to. */
    static final class Breakage implements java.io.Serializable {
        private static final long serialVersionUID = 1L;
        private final String file;
        private final boolean now;

        Breakage(String file, boolean now) {
            this.file = file;
            this.now = now;
        }

        void maybe() throws IOException {
            if (now) throw new IllegalStateException("this job was told to break at once");
            if (file == null) return;
            Path path = Paths.get(file);
            if (!Files.exists(path)) return;
            String text = new String(Files.readAllBytes(path), StandardCharsets.UTF_8).trim();
            throw new IllegalStateException(text.isEmpty() ? "this job was told to break by " + file : text);
        }
    }

    static final class Count extends KeyedProcessFunction<Integer, Long, String> {
        private static final long serialVersionUID = 1L;
        private final String name;
        private final long every;
        private final long step;
        private final Breakage breakage;
        private transient ValueState<Long> state;
        private transient volatile long counter;

        Count(String name, long every, long step, Breakage breakage) {
            this.name = name;
            this.every = every;
            this.step = step;
            this.breakage = breakage;
        }

        @Override
        public void processElement(Long tick, Context context, Collector<String> out) throws Exception {
            if (state == null) begin();
            breakage.maybe();
            long before = counter;
            counter = before + step;
            state.update(counter);
            if (before / every != counter / every) out.collect(name + " counter=" + counter);
        }

        private void begin() throws IOException {
            state = getRuntimeContext().getState(new ValueStateDescriptor<>("counter", Long.class));
            Long known = state.value();
            long startedFrom = known == null ? 0 : known;
            counter = startedFrom;
            MetricGroup metrics = getRuntimeContext().getMetricGroup();
            metrics.gauge("counter", (Gauge<Long>) () -> counter);
            metrics.gauge("startedFrom", (Gauge<Long>) () -> startedFrom);
        }
    }
}
