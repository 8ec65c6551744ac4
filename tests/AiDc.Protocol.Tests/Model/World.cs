using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using AiDc.Coordination.Members;
using AiDc.Operator.Membership;

namespace AiDc.Protocol.Tests.Model;

/// <summary>Everything there is, at a moment. Immutable.</summary>
internal sealed record World(Rules Rules, ImmutableArray<WorkerNode> Workers, ImmutableArray<LeaderNode> Leaders)
{
    /// <summary>The job's status: written by compare and set of its version.</summary>
    public RecordedMembership? Record { get; init; }

    public int Version { get; init; }

    public ImmutableSortedDictionary<long, GroupNode> Groups { get; init; } = ImmutableSortedDictionary<long, GroupNode>.Empty;

    /// <summary>The highest generation in whose group a step was completed.</summary>
    public long Completed { get; init; }

    public int CompletedSteps { get; init; }

    public Budget Left { get; init; }

    /// <summary>The gang was given up for a new attempt.</summary>
    public bool Restarted { get; init; }

    /// <summary>What must never be, and is.</summary>
    public string? Violation { get; init; }

    public static World Start(Rules rules, Budget budget) => new(
        rules,
        [.. Enumerable.Range(0, rules.Workers).Select(i => new WorkerNode(i, 0, new MemberState { Phase = MemberPhase.Idle }))],
        [new LeaderNode { Leads = true, Transitions = 1 }, new LeaderNode()])
    { Left = budget };

    public World With(WorkerNode worker) => this with { Workers = Workers.SetItem(worker.Index, worker) };

    public World With(int leader, LeaderNode node) => this with { Leaders = Leaders.SetItem(leader, node) };

    public World With(long generation, GroupNode group) => this with { Groups = Groups.SetItem(generation, group) };

    public World Wrong(string what) => Violation is null ? this with { Violation = what } : this;

    public WorkerNode? Worker(string uid) => Workers.FirstOrDefault(w => w.Uid == uid && w.Alive);

    /// <summary>Equal for worlds that go on in the same ways.</summary>
    public UInt128 Key()
    {
        var text = new StringBuilder(1024);
        foreach (var w in Workers)
            text.Append(w.Uid).Append(w.Alive).Append(w.Doing).Append(w.DoingStep).Append(w.History).Append(w.Link).Append(Text(w.Machine)).AppendJoin(';', w.Inbox).Append('|');
        foreach (var l in Leaders)
            Append(text, l);
        text.Append(Text(Record)).Append(Version).Append(Completed).Append(CompletedSteps).Append(Left).Append(Restarted);
        foreach (var (g, group) in Groups)
            text.Append(g).AppendJoin(',', group.Entered).AppendJoin(',', group.Given).Append(group.Owner).Append(group.Synchronise).Append('|');
        return System.Runtime.InteropServices.MemoryMarshal.Read<UInt128>(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var w in Workers)
            text.AppendLine($"  {w.Uid} alive={w.Alive} {w.Machine.Phase} gen={w.Machine.Generation} pos={w.Machine.Position} busy={w.Machine.Busy} {w.Doing} state={w.Machine.HasState}@{w.Machine.StateGeneration}/{w.Machine.CommittedStep} link={w.Link} in=[{string.Join("; ", w.Inbox)}]");
        foreach (var l in Leaders)
            text.AppendLine($"  leader leads={l.Leads} t={l.Transitions} announced={Text(l.Announced)} start={l.Start is not null} pending={Text(l.Pending?.Decision.Membership)} peers: {string.Join(" ", l.Peers.Select(p => $"{p.Key}:{(p.Value.Connected ? "on" : "off")}/{p.Value.Inbox.Count}"))}");
        return text.AppendLine($"  record={Text(Record)} completed={Completed} left={Left}").ToString();
    }

    public static string Text(RecordedMembership? r) => r is null ? "-" : $"{r.Generation}{(r.IsHold ? "h" : "")}({string.Join(",", r.Members.Select(m => m.PodUid + (m.IsWitness ? "*" : "")))})";

    private static string Text(MemberState m) =>
        $"{m.Phase}{m.Transitions},{m.Generation},{m.Position},{m.Busy},{m.HasState},{m.CommittedStep},{m.StateGeneration},{m.WritesCheckpoint},{string.Join('.', m.ClosedRanks)}";

    private static void Append(StringBuilder text, LeaderNode l)
    {
        text.Append(l.Alive).Append(l.Leads).Append(l.Transitions).Append(Text(l.Announced)).Append(l.HoldWriter).Append(l.Start is not null);
        foreach (var (uid, p) in l.Peers)
            text.Append(uid).Append(p.Connected).Append(p.Standing).Append(p.Ready).Append(p.Broken).AppendJoin(';', p.Inbox).Append('|');
        text.Append(l.Pending?.Version).Append(Text(l.Pending?.Decision.Membership)).Append('/');
    }
}
