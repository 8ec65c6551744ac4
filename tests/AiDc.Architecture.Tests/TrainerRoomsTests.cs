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
        ["Serving"] = ["Data", "Hosting", "Models", "Reporting", "Storage"],
        ["Cli"] = ["Checkpoints", "Data", "Distributed", "Evaluation", "Hosting", "Models", "Reporting", "Serving", "Storage", "Training"],
    };

    /// <summary>The rooms of the model server; those that know no other come first, and what puts them together lies in none.</summary>
    private static readonly Dictionary<string, string[]> AllowedInServing = new()
    {
        ["Errors"] = [],
        ["Models"] = [],
        ["Options"] = ["Models"],
        ["Sources"] = ["Models"],
        ["Telemetry"] = ["Errors"],
        ["Batching"] = ["Errors", "Models", "Telemetry"],
        ["Admission"] = ["Batching", "Errors", "Models"],
        ["Hosting"] = ["Admission", "Batching", "Errors", "Models", "Options", "Telemetry"],
        ["Rest"] = ["Admission", "Batching", "Errors", "Hosting", "Models", "Options"],
        ["Rpc"] = ["Admission", "Batching", "Errors", "Hosting", "Models", "Telemetry"],
        ["Pipeline"] = ["Admission", "Errors", "Models", "Options", "Rpc", "Telemetry"],
    };

    private static IEnumerable<string> Rooms => Allowed.Keys;

    private static IEnumerable<string> RoomsOfServing => AllowedInServing.Keys;

    [TestCaseSource(nameof(Rooms))]
    public void A_room_knows_only_those_that_it_may_know(string room) => Assert.That(Others("", room).Where(u => !Allowed[room].Contains(u.Room)), Is.Empty);

    [TestCaseSource(nameof(RoomsOfServing))]
    public void A_room_of_the_model_server_knows_only_those_that_it_may_know(string room) =>
        Assert.That(Others("Serving.", room).Where(u => !AllowedInServing[room].Contains(u.Room)), Is.Empty);

    [Test]
    public void No_way_through_rooms_leads_back_to_where_it_began()
    {
        foreach (var allowed in (Dictionary<string, string[]>[])[Allowed, AllowedInServing])
            Assert.That(global::AiDc.Architecture.Tests.Rooms.Cycle(allowed.SelectMany(a => a.Value.Select(to => (a.Key, to)))), Is.Null);
    }

    /// <summary>Every folder is in one of the lists, so that a new one is not left out.</summary>
    [TestCase("trainer-image/AiDc.Trainer/")]
    [TestCase("trainer-image/AiDc.Trainer/Serving/")]
    public void Every_folder_is_a_room_of_the_list(string under)
    {
        var folders = Repository.ProductSourceFiles.Where(f => f.StartsWith(under, StringComparison.Ordinal))
            .Select(f => f[under.Length..].Split('/')).Where(parts => parts.Length > 1).Select(parts => parts[0]).Distinct();

        Assert.That(folders, Is.EquivalentTo(under.EndsWith("/Serving/", StringComparison.Ordinal) ? AllowedInServing.Keys : Allowed.Keys));
    }

    /// <param name="outer">The room that they are in, with a dot; empty for none.</param>
    private static IEnumerable<(string File, string Room)> Others(string outer, string room) => Repository.ProductSourceFiles
        .Where(f => f.StartsWith($"trainer-image/AiDc.Trainer/{outer.Replace('.', '/')}{room}/", StringComparison.Ordinal))
        .SelectMany(f => Repository.ReadLines(f).Select(line => (File: f, Used: Using().Match(line).Groups[1].Value)))
        .Where(u => u.Used.StartsWith(outer, StringComparison.Ordinal))
        .Select(u => (u.File, Room: u.Used[outer.Length..].Split('.')[0]))
        .Where(u => u.Room.Length > 0 && u.Room != room);

    [GeneratedRegex(@"^using (?:static )?AiDc\.Trainer\.([\w.]+)")]
    private static partial Regex Using();
}
