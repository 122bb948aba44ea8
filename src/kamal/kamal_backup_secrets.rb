# frozen_string_literal: true

# Required by way of RUBYOPT into `kamal config`: once that has succeeded, `kamal secrets print` runs in the same
# process, after a line that tells where it begins. Ruby starts once, and secrets are evaluated once.

marker = ENV.delete("KAMAL_BACKUP_MARKER")

# Programs that Kamal starts, such as those in .kamal/secrets, get the environment without this.
own = { "RUBYOPT" => [" ", "-rkamal_backup_secrets"], "RUBYLIB" => [File::PATH_SEPARATOR, __dir__] }
own.each do |name, (separator, word)|
  rest = ENV.fetch(name, "").split(separator) - [word]
  ENV[name] = rest.empty? ? nil : rest.join(separator)
end

process = Process.pid
at_exit do
  succeeded = $!.nil? || ($!.is_a?(SystemExit) && $!.success?)
  next unless marker && succeeded && Process.pid == process && defined?(Kamal::Cli::Main)

  puts marker
  begin
    Kamal::Cli::Main.start(%w[secrets print] + ARGV.drop(1))
  rescue StandardError => e
    # As bin/kamal says it.
    puts "  ERROR (#{e.class}): #{e.message}"
    exit 1
  end
end
