using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AiDc.Trainer.Tensors;

namespace AiDc.Trainer.Checkpoints;

/// <summary>
/// A part of a run's state. What a run consists of is one list of these, which checkpoints, members that join, and the way back to a
/// checkpoint all go through: a part that is in the list is never forgotten by one of them.
/// </summary>
public interface IStateful
{
    /// <summary>Adds a copy of this part.</summary>
    void Save(Checkpoint to);

    /// <summary>Becomes what was saved. A checkpoint may be older than this part, or than something in it.</summary>
    /// <param name="path">Where it came from, for messages.</param>
    /// <exception cref="ConfigurationException">It is of a run that differs in what must not differ.</exception>
    /// <exception cref="InvalidFileException">What is saved there does not fit.</exception>
    void Load(Checkpoint from, string path);
}

/// <summary>Everything needed to go on with a run, in managed memory: values and sets of tensors, by name.</summary>
/// <param name="step">Optimizer steps done.</param>
public sealed class Checkpoint(long step)
{
    private readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, IReadOnlyList<HostTensor>> _tensors = new(StringComparer.Ordinal);

    public long Step => step;

    /// <summary>JSON by name.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>Sets of tensors by name; a set may be empty.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<HostTensor>> Tensors => _tensors;

    public void Put<T>(string name, T value) => _values.Add(name, JsonSerializer.Serialize(value, Json.Line));

    public void PutJson(string name, string json) => _values.Add(name, json);

    public void PutTensors(string name, IReadOnlyList<HostTensor> tensors) => _tensors.Add(name, tensors);

    /// <returns>The default where there is none of that name.</returns>
    /// <exception cref="InvalidFileException">It is something else.</exception>
    public T? Find<T>(string name, string path)
    {
        if (!_values.TryGetValue(name, out var json)) return default;
        try
        {
            return JsonSerializer.Deserialize<T>(json, Json.Line);
        }
        catch (JsonException error)
        {
            throw new InvalidFileException(path, $"'{name}' is not what was written ({error.Message})", error);
        }
    }

    /// <exception cref="InvalidFileException">It is missing, or something else.</exception>
    public T Get<T>(string name, string path) => Find<T>(name, path) ?? throw new InvalidFileException(path, $"'{name}' is missing");

    /// <exception cref="InvalidFileException">There is no such set.</exception>
    public IReadOnlyList<HostTensor> GetTensors(string name, string path) =>
        _tensors.GetValueOrDefault(name) ?? throw new InvalidFileException(path, $"{name}.safetensors is missing");

    /// <summary>The first tensor with a value that is not a finite number; null when there is none. Such a state is never kept.</summary>
    public string? NotFinite() => _tensors.Values.SelectMany(set => set).FirstOrDefault(tensor => !tensor.IsFinite())?.Name;
}

/// <summary>manifest.json, written last: a folder without it is not a checkpoint.</summary>
public sealed record CheckpointManifest(
    int FormatVersion, int Generation, long Step, DateTimeOffset CreatedAt, IReadOnlyDictionary<string, CheckpointManifest.Entry> Files)
{
    public const string FileName = "manifest.json";

    /// <summary>Fields and files are only ever added, which needs no new number: it rises when an older program must not read the newer format.</summary>
    public const int CurrentVersion = 1;

    /// <param name="Sha256">In lower-case hex.</param>
    public sealed record Entry(long Bytes, string Sha256);
}

/// <summary>
/// A checkpoint's folder: <c>g2-s1500-3fa9c1d2</c>. The generation is the attempt that wrote it, so that a writer that was given up but
/// still lives never outranks its successor.
/// </summary>
public sealed partial record CheckpointName(int Generation, long Step, string Uid)
{
    public static CheckpointName? Parse(string folder)
    {
        var match = Pattern().Match(folder);
        return match.Success
            && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var generation)
            && long.TryParse(match.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var step)
                ? new(generation, step, match.Groups[3].Value)
                : null;
    }

    /// <summary>The one to resume from comes first.</summary>
    public static IOrderedEnumerable<CheckpointName> NewestFirst(IEnumerable<CheckpointName> names) => names
        .OrderByDescending(n => n.Generation)
        .ThenByDescending(n => n.Step)
        .ThenByDescending(n => n.Uid, StringComparer.Ordinal);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"g{Generation}-s{Step}-{Uid}");

    [GeneratedRegex("^g([0-9]+)-s([0-9]+)-([0-9a-z]+)$")]
    private static partial Regex Pattern();
}
