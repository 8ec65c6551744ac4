using System.Text.RegularExpressions;

namespace AiDc.Architecture.Tests;

/// <summary>Which rooms of the trainer know which: an arrow that is not here is a mistake, or a decision that belongs here and into docs/design.md.</summary>
[TestFixture]
internal sealed partial class TrainerRoomsTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Storage"] = [],
        ["Reporting"] = [],
        ["Hosting"] = [],
        ["Tensors"] = ["Storage"],
        ["Data"] = ["Storage"],
        ["Checkpoints"] = ["Reporting", "Storage", "Tensors"],
        ["Distributed"] = ["Hosting", "Storage"],
        ["Models"] = ["Data", "Distributed", "Reporting", "Storage", "Tensors"],
        ["Evaluation"] = ["Data", "Distributed", "Models"],
        ["Training"] = ["Checkpoints", "Data", "Distributed", "Evaluation", "Hosting", "Models", "Reporting", "Storage", "Tensors"],
    };

    private static IEnumerable<string> Rooms => Allowed.Keys;

    [TestCaseSource(nameof(Rooms))]
    public void A_room_knows_only_those_that_it_may_know(string room)
    {
        var used = Repository.ProductSourceFiles
            .Where(f => f.StartsWith($"trainer-image/AiDc.Trainer/{room}/", StringComparison.Ordinal))
            .SelectMany(f => Repository.ReadLines(f).Select(line => (File: f, Room: Using().Match(line).Groups[1].Value)))
            .Where(u => u.Room.Length > 0 && u.Room != room);

        Assert.That(used.Where(u => !Allowed[room].Contains(u.Room)), Is.Empty);
    }

    [GeneratedRegex(@"^using (?:static )?AiDc\.Trainer\.(\w+)")]
    private static partial Regex Using();
}
