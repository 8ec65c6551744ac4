using System.Globalization;

namespace AiDc.Trainer.Distributed;

/// <summary>A fixed group without an operator, as torchrun's environment describes it.</summary>
/// <param name="Folder">Seen by all ranks.</param>
internal sealed record RendezvousSettings(string Folder, int Rank, int Size)
{
    /// <param name="variable">Reads an environment variable.</param>
    /// <exception cref="ConfigurationException">RANK or WORLD_SIZE is missing or wrong.</exception>
    public static RendezvousSettings FromEnvironment(string folder, Func<string, string?> variable)
    {
        var size = Number("WORLD_SIZE", 1, int.MaxValue, "the number of processes, at least 1");
        return new(folder, Number("RANK", 0, size - 1, $"a number from 0 to {size - 1}, another for each process"), size);

        int Number(string name, int least, int most, string mend)
        {
            var text = variable(name);
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
                ? number
                : throw new ConfigurationException($"--rendezvous {folder}: {name}={text ?? "(not set)"}; set it to {mend}");
        }
    }
}
