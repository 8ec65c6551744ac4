using AiDc.Operator.Membership;

namespace AiDc.Protocol.Tests.Model;

internal enum UpKind
{
    Hello,
    Beat,
    Ready,
    Broken,
}

/// <summary>What a worker says to a leader.</summary>
internal sealed record Up(UpKind Kind, MemberStanding Standing, long Generation = 0, string Closed = "", string History = "");

internal enum DownKind
{
    Welcome,
    Membership,
    Start,
    Hold,
}

/// <summary>What a leader says to a worker.</summary>
internal sealed record Down(DownKind Kind, long Transitions, long Generation = 0, int? Position = null, bool Owner = false, bool Flag = false);
