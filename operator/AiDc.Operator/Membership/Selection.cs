namespace AiDc.Operator.Membership;

/// <summary>Who could train together now, and what the record says of them.</summary>
/// <param name="Recorded">Of this attempt; null: no generation yet.</param>
/// <param name="All">Everybody who is looked at.</param>
/// <param name="Chosen">One for each slot that has somebody, by index.</param>
internal sealed record Selection(GangView View, RecordedMembership? Recorded, IReadOnlyList<Candidate> All, IReadOnlyList<Candidate> Chosen)
{
    /// <summary>Pods of which any keeps groups of earlier generations, and of the recorded one, from committing once it accepts a newer one.</summary>
    public required IReadOnlySet<string> Witnesses { get; init; }

    /// <summary>Everybody, by slot: a gang may have a thousand.</summary>
    public ILookup<int, Candidate> BySlot { get; } = All.ToLookup(c => c.Index);

    /// <summary>Recorded members who are not lost. Empty while holding.</summary>
    public IEnumerable<Candidate> Members => Recorded is { IsHold: false } ? All.Where(c => c.Member is not null && c.Lost is null) : [];

    public bool IsIntact => Recorded is { IsHold: false } r && Members.Count() == r.Members.Count;

    public bool HasWitness => Recorded is null || Chosen.Any(c => Witnesses.Contains(c.Uid));

    public bool IsEnough => Chosen.Count >= View.Size.Needed;

    public bool IsSameAsRecorded => Recorded is { IsHold: false } r && Chosen.Count == r.Members.Count && Chosen.All(c => c.Member is not null);

    public static Selection Of(GangView view)
    {
        var recorded = LossPolicy.Present(view);
        var all = LossPolicy.Judge(view);
        var selection = new Selection(view, recorded, all, []) { Witnesses = WitnessesOf(recorded, all) };
        var chosen = Enumerable.Range(0, view.Size.Target).Select(slot => ForSlot(selection, slot)).OfType<Candidate>().ToList();
        selection = selection with { Chosen = chosen };
        return view.IsEnding || (selection.IsEnough && selection.HasWitness) ? selection : selection.WithLeavers();
    }

    /// <summary>
    /// Once somebody was in the recorded group all its members had accepted it, so none of them is in an older one. Before, only those are
    /// sure that were already for the generation before.
    /// </summary>
    private static HashSet<string> WitnessesOf(RecordedMembership? recorded, IReadOnlyList<Candidate> all)
    {
        if (recorded is null)
            return [];
        var started = !recorded.IsHold && all.Any(c => c.Member is not null && c.Session?.Standing.StateGeneration == recorded.Generation);
        return [.. recorded.Members.Where(m => started || m.IsWitness).Select(m => m.PodUid)];
    }

    private static Candidate? ForSlot(Selection s, int slot)
    {
        var ofSlot = s.BySlot[slot].Where(c => c.Lost is null && !c.IsLeaving).ToList();
        // A member stays while it is not lost, also one that just does not speak; one that holds its state has to be there.
        var member = ofSlot.Find(c => c.Member is not null && (!s.Recorded!.IsHold || c.IsAvailable));
        return member ?? (NewestPod(s, slot) is { MayJoin: true } newest ? newest : null);
    }

    public static Candidate? NewestPod(Selection s, int slot) => s.BySlot[slot].Where(c => c.Pod is not null).MaxBy(c => c.Pod!.Incarnation);

    /// <summary>Members that were asked to end take part until others can: they have the state that the others need.</summary>
    private Selection WithLeavers()
    {
        var bySlot = Chosen.ToDictionary(c => c.Index);
        var leavers = All.Where(c => c is { Member: not null, Lost: null, IsLeaving: true } && c.Index < View.Size.Target
            && (Recorded is { IsHold: false } || c.IsConnected)).ToList();
        foreach (var leaver in leavers)
            bySlot.TryAdd(leaver.Index, leaver);
        if (!bySlot.Values.Any(c => Witnesses.Contains(c.Uid)) && leavers.Find(c => Witnesses.Contains(c.Uid)) is { } witness)
            bySlot[witness.Index] = witness;
        return this with { Chosen = [.. bySlot.Values.OrderBy(c => c.Index)] };
    }
}

/// <summary>A worker pod that is or may be a member, and what is thought of it.</summary>
/// <param name="Pod">Null: the API server has it no more.</param>
/// <param name="Session">Null: it was not heard by this leader.</param>
/// <param name="Member">Its entry in the recorded membership of this attempt, or null.</param>
internal sealed record Candidate(int Index, string Uid, GangPod? Pod, MemberSession? Session, GangMember? Member)
{
    /// <summary>Why it is out; null while it is not.</summary>
    public EvictionReason? Lost { get; init; }

    public string LostMessage { get; init; } = "";

    /// <summary>How long until it is out if nothing is heard of it; null where there is no sign of that.</summary>
    public TimeSpan? LostIn { get; init; }

    public bool IsConnected => Session is { Connected: true };

    public bool IsLeaving => Session is { Leaving: true };

    /// <summary>Somebody who can be asked to be in a generation, now.</summary>
    public bool IsAvailable => Lost is null && IsConnected && Session!.Standing.Prepared && !IsLeaving;

    /// <summary>One who is in no generation may be taken into one.</summary>
    public bool MayJoin => IsAvailable && Pod is { IsBeingDeleted: false, NodeIsAvoided: false };

    /// <summary>It trains in that generation, by its own word.</summary>
    public bool TrainsIn(long generation) => Session is { Connected: true, Standing: { InGroup: true } s } && s.Generation == generation;

    public Eviction Evicted(EvictionReason reason, string message) => new(Index, Uid, Pod?.Name, Pod?.Node, reason, Member is not null, message);
}
