package sluice;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Runs the SQL script that lies beside it in its jar, as one Flink job. Takes no arguments: those are shown by the
 * JobManager and may not carry a script or a secret. Reaches Flink by reflection only, so that one class file serves
 * 1.14 to 2.x.
 */
public final class SqlRunner {
    private static final String SCRIPT = "sluice/job.sql";
    private static final String TABLE = "org.apache.flink.table.api.";

    private final Object tables;
    private final Class<?> tablesType;
    private final Set<String> keysSet = new LinkedHashSet<>();
    private Object inserts;

    private SqlRunner() throws Exception {
        tablesType = flink(TABLE + "TableEnvironment");
        Class<?> settingsType = flink(TABLE + "EnvironmentSettings");
        Object builder = settingsType.getMethod("newInstance").invoke(null);
        call(builder, builder.getClass(), "inStreamingMode");
        Object settings = call(builder, builder.getClass(), "build");
        tables = tablesType.getMethod("create", settingsType).invoke(null, settings);
    }

    public static void main(String[] args) throws Exception {
        List<Statement> statements = Splitter.split(readScript());
        refuseWhatIsNotOneJob(statements);
        new SqlRunner().run(statements);
    }

    private void run(List<Statement> statements) throws Exception {
        int number = 0;
        for (Statement statement : statements) {
            number++;
            try {
                run(statement);
            } catch (Exception e) {
                throw at(number, e);
            }
        }
        if (inserts == null) return;
        try {
            call(inserts, flink(TABLE + "StatementSet"), "execute");
        } catch (Exception e) {
            throw at(lastInsert(statements), e);
        }
    }

    private void run(Statement statement) throws Exception {
        switch (statement.kind()) {
            case SET:
                set(statement.text);
                break;
            case RESET:
                reset(statement.text);
                break;
            case INSERT:
                insert(statement.text);
                break;
            case BRACKET:
                break;
            default:
                call(tables, tablesType, "executeSql", statement.text);
        }
    }

    private void insert(String sql) throws Exception {
        if (inserts == null) inserts = call(tables, tablesType, "createStatementSet");
        call(inserts, flink(TABLE + "StatementSet"), "addInsertSql", sql);
    }

    private void set(String sql) throws Exception {
        String rest = sql.substring("SET".length()).trim();
        if (rest.isEmpty()) return;
        int equals = endOfKey(rest);
        if (equals < 0) throw new IllegalArgumentException("SET needs 'key' = 'value'");
        String key = unquote(rest.substring(0, equals));
        Object config = configuration();
        call(config, config.getClass(), "setString", key, unquote(rest.substring(equals + 1)));
        keysSet.add(key);
    }

    private void reset(String sql) throws Exception {
        String key = unquote(sql.substring("RESET".length()));
        List<String> keys = new ArrayList<>(keysSet);
        if (!key.isEmpty()) {
            keys.clear();
            keys.add(key);
        }
        for (String each : keys) remove(each);
    }

    private void remove(String key) throws Exception {
        Class<?> optionType = flink("org.apache.flink.configuration.ConfigOption");
        Object builder = flink("org.apache.flink.configuration.ConfigOptions").getMethod("key", String.class).invoke(null, key);
        Object typed = call(builder, builder.getClass(), "stringType");
        Object option = call(typed, typed.getClass(), "noDefaultValue");
        Object config = configuration();
        config.getClass().getMethod("removeConfig", optionType).invoke(config, option);
        keysSet.remove(key);
    }

    private Object configuration() throws Exception {
        Object tableConfig = call(tables, tablesType, "getConfig");
        return call(tableConfig, tableConfig.getClass(), "getConfiguration");
    }

    // The equals sign after the key; a quoted key may hold one.
    private static int endOfKey(String rest) {
        int from = 0;
        if (rest.startsWith("'")) from = rest.indexOf('\'', 1) + 1;
        return rest.indexOf('=', from);
    }

    private static String unquote(String text) {
        String value = text.trim();
        if (value.length() < 2 || !value.startsWith("'") || !value.endsWith("'")) return value;
        return value.substring(1, value.length() - 1).replace("''", "'");
    }

    // Flink refuses a second job only after the first one runs; so count before anything starts.
    private static void refuseWhatIsNotOneJob(List<Statement> statements) {
        boolean inserting = false;
        int jobs = 0;
        int number = 0;
        for (Statement statement : statements) {
            number++;
            Kind kind = statement.kind();
            if (kind == Kind.QUERY) throw refusal(number, "a query only shows rows; put INSERT INTO before it");
            if (inserting && (kind == Kind.SET || kind == Kind.RESET)) {
                throw refusal(number, "SET after the first INSERT would change that one too; move it to the top");
            }
            if (kind == Kind.JOB || (kind == Kind.INSERT && !inserting)) jobs++;
            inserting |= kind == Kind.INSERT;
            if (jobs > 1) throw refusal(number, "would start a second job; a script is one job");
        }
        if (jobs == 0) throw new IllegalArgumentException("the script starts no job: it has no INSERT INTO");
    }

    private static IllegalArgumentException refusal(int number, String why) {
        return new IllegalArgumentException("statement " + number + ": " + why);
    }

    private static RuntimeException at(int number, Exception e) {
        Throwable cause = e instanceof InvocationTargetException ? e.getCause() : e;
        return new RuntimeException("statement " + number + ": " + cause.getMessage(), cause);
    }

    private static int lastInsert(List<Statement> statements) {
        int last = 0;
        for (int i = 0; i < statements.size(); i++) {
            if (statements.get(i).kind() == Kind.INSERT) last = i + 1;
        }
        return last;
    }

    // Through the declared type where it is public: the implementing class often is not.
    private static Object call(Object target, Class<?> type, String name, String... args) throws Exception {
        Class<?>[] types = new Class<?>[args.length];
        Arrays.fill(types, String.class);
        Method method = type.getMethod(name, types);
        method.setAccessible(true);
        return method.invoke(target, (Object[]) args);
    }

    private static Class<?> flink(String name) throws ClassNotFoundException {
        return Class.forName(name, true, Thread.currentThread().getContextClassLoader());
    }

    private static String readScript() throws IOException {
        try (InputStream in = SqlRunner.class.getClassLoader().getResourceAsStream(SCRIPT)) {
            if (in == null) throw new IllegalStateException("this jar carries no " + SCRIPT);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] buffer = new byte[8192];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) out.write(buffer, 0, n);
            return new String(out.toByteArray(), StandardCharsets.UTF_8);
        }
    }

    enum Kind { SET, RESET, INSERT, JOB, QUERY, BRACKET, OTHER }

    static final class Statement {
        private static final int ENOUGH_WORDS = 12;

        String text = "";
        int start = -1;
        int end = -1;
        int depth;
        boolean topLevelAs;
        final List<String> words = new ArrayList<>();
        /** Words since BEGIN or the last semicolon of a statement set; null outside of one. */
        List<String> setWords;

        void note(String token) {
            if (token.equals("(")) depth++;
            if (token.equals(")")) depth--;
            String word = token.toUpperCase(Locale.ROOT);
            if (!words.isEmpty() && !Splitter.isWord(token.charAt(0))) return;
            if (word.equals("AS") && depth == 0) topLevelAs = true;
            if (words.size() < ENOUGH_WORDS) words.add(word);
            if (setWords != null) setWords.add(word);
            else if (String.join(" ", words).endsWith("STATEMENT SET BEGIN")) setWords = new ArrayList<>();
        }

        boolean staysInSet() {
            if (setWords == null || (!setWords.isEmpty() && setWords.get(0).equals("END"))) return false;
            setWords = new ArrayList<>();
            return true;
        }

        Kind kind() {
            String first = words.get(0);
            String second = words.size() > 1 ? words.get(1) : "";
            if (first.equals("SET")) return Kind.SET;
            if (first.equals("RESET")) return Kind.RESET;
            if (first.equals("INSERT")) return Kind.INSERT;
            if (first.equals("END") || (first.equals("BEGIN") && second.equals("STATEMENT"))) return Kind.BRACKET;
            if (first.matches("SELECT|WITH|VALUES|TABLE|\\(")) return Kind.QUERY;
            if (first.matches("EXECUTE|UPDATE|DELETE")) return Kind.JOB;
            if (first.equals("COMPILE") && second.equals("AND")) return Kind.JOB;
            return topLevelAs && makesTable() ? Kind.JOB : Kind.OTHER;
        }

        private boolean makesTable() {
            String head = String.join(" ", words) + " ";
            return head.matches("(CREATE( OR REPLACE)?( TEMPORARY)?|REPLACE) TABLE .*");
        }
    }

    /** Splits as src/platform/sql/split-statements.ts does; the two must agree on what "statement 3" is. */
    static final class Splitter {
        private Splitter() {}

        static List<Statement> split(String script) {
            List<Statement> statements = new ArrayList<>();
            Statement current = new Statement();
            int at = 0;
            while (at < script.length()) {
                int end = skipToken(script, at);
                String token = script.substring(at, end);
                if (token.equals(";") && !current.staysInSet()) {
                    keep(current, script, statements);
                    current = new Statement();
                } else if (!isComment(token) && !isBlank(token)) {
                    if (current.start < 0) current.start = at;
                    current.end = end;
                    current.note(token);
                }
                at = end;
            }
            keep(current, script, statements);
            return statements;
        }

        private static void keep(Statement statement, String script, List<Statement> statements) {
            if (statement.start < 0) return;
            statement.text = script.substring(statement.start, statement.end);
            statements.add(statement);
        }

        private static int skipToken(String script, int at) {
            char c = script.charAt(at);
            if (c == '\'' || c == '"' || c == '`') return endAfter(script, String.valueOf(c), at + 1);
            if (script.startsWith("--", at)) return endOfLine(script, at);
            if (script.startsWith("/*", at)) return endAfter(script, "*/", at + 2);
            if (!isWord(c)) return at + 1;
            int end = at + 1;
            while (end < script.length() && isWord(script.charAt(end))) end++;
            return end;
        }

        private static int endAfter(String script, String closing, int from) {
            int found = script.indexOf(closing, from);
            return found < 0 ? script.length() : found + closing.length();
        }

        private static int endOfLine(String script, int at) {
            int end = at;
            while (end < script.length() && script.charAt(end) != '\n' && script.charAt(end) != '\r') end++;
            return end;
        }

        private static boolean isComment(String token) {
            return token.startsWith("--") || (token.startsWith("/*") && !token.startsWith("/*+"));
        }

        private static boolean isBlank(String token) {
            char c = token.charAt(0);
            return c <= ' ' || c == '\u00a0' || c == '\u3000' || c == '\ufeff';
        }

        static boolean isWord(char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
        }
    }
}
